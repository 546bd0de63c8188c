import type { CountedKey } from '@tallyward/domain';
import type { EntityManager } from 'typeorm';

/** Bytes of SHA-256 that keys keep, of the identity and of the content. */
export const KEY_BYTES = 16;

/** A key to store: identity and content as 32 hex digits. */
export interface NewKey extends CountedKey {
  readonly identity: string;
}

/** Lists go as one text each: hex and digits hold no comma, and the driver quotes an array's. */
const GIVEN = `unnest(
    string_to_array($2, ','), string_to_array($3, ',')::bigint[],
    string_to_array($4, ','), string_to_array($5, ',')::bigint[],
    string_to_array($6, ',', '')::bigint[]
  ) AS given(identity, "offset", content, time, voided_at)`;
/** An empty content alone makes an empty list. */
const ROW = `decode(identity, 'hex'), $1, "offset", coalesce(decode(content, 'hex'), ''), time,
       voided_at`;
const KEY_COLUMNS = 'identity, partition, "offset", content, time, voided_at';

/**
 * Inserts the keys that are new. Answers those that were there before, as stored; by identity.
 * Sorted, so that two writers never wait for each other.
 */
export async function insertKeys(
  manager: EntityManager,
  table: string,
  partition: number,
  keys: readonly NewKey[],
): Promise<Map<string, CountedKey>> {
  if (keys.length === 0) return new Map();
  const sorted = [...keys].sort((a, b) => (a.identity < b.identity ? -1 : 1));
  const inserted = await manager.query<{ offset: string }[]>(
    `INSERT INTO ${table} (${KEY_COLUMNS}) SELECT ${ROW} FROM ${GIVEN}
     ON CONFLICT (identity) DO NOTHING RETURNING "offset"`,
    parameters(partition, sorted),
  );
  if (inserted.length === sorted.length) return new Map();
  const won = new Set(inserted.map((row) => row.offset));
  const lost = sorted.filter((key) => !won.has(String(key.offset)));
  return readKeys(
    manager,
    table,
    lost.map((key) => key.identity),
  );
}

interface KeyRow {
  identity: string;
  offset: string;
  content: string;
  time: string;
  voided_at: string | null;
}

async function readKeys(
  manager: EntityManager,
  table: string,
  identities: readonly string[],
): Promise<Map<string, CountedKey>> {
  const rows = await manager.query<KeyRow[]>(
    `SELECT encode(identity, 'hex') AS identity, "offset", encode(content, 'hex') AS content, time,
       voided_at
     FROM ${table}
     WHERE identity IN (SELECT decode(given, 'hex') FROM unnest($1::text[]) AS given)`,
    [identities],
  );
  return new Map(
    rows.map(({ identity, offset, content, time, voided_at }) => [
      identity,
      {
        offset: BigInt(offset),
        content,
        time: Number(time),
        voidedAt: voided_at === null ? null : BigInt(voided_at),
      },
    ]),
  );
}

/** Keys make way for what stands under their identity now: they vouch no longer, or are voided. */
export async function replaceKeys(
  manager: EntityManager,
  table: string,
  partition: number,
  keys: readonly NewKey[],
): Promise<void> {
  if (keys.length === 0) return;
  await manager.query(
    `INSERT INTO ${table} (${KEY_COLUMNS}) SELECT ${ROW} FROM ${GIVEN}
     ON CONFLICT (identity) DO UPDATE SET partition = excluded.partition,
       "offset" = excluded."offset", content = excluded.content, time = excluded.time,
       voided_at = excluded.voided_at`,
    parameters(partition, keys),
  );
}

/**
 * Deletes at most `limit` keys of events with a time before this, oldest first; answers how many.
 * A key that another transaction holds is left for the next time.
 */
export async function deletePrunableKeys(
  manager: EntityManager,
  table: string,
  before: number,
  limit: number,
): Promise<number> {
  const [, deleted] = await manager.query<[unknown[], number]>(
    `DELETE FROM ${table} WHERE identity IN (
       SELECT identity FROM ${table} WHERE time < $1 ORDER BY time LIMIT $2
       FOR UPDATE SKIP LOCKED)`,
    [before, limit],
  );
  return deleted;
}

function parameters(partition: number, keys: readonly NewKey[]): unknown[] {
  return [
    partition,
    keys.map((key) => key.identity).join(),
    keys.map((key) => key.offset).join(),
    keys.map((key) => key.content).join(),
    keys.map((key) => key.time).join(),
    keys.map((key) => key.voidedAt ?? '').join(),
  ];
}
