import { QUARANTINE_BYTES, type QuarantinedEntry, TOPICS } from '@tallyward/contracts';
import { crashPoint } from '@tallyward/platform';
import type { EntityManager } from 'typeorm';
import { storableText } from '../storable-text';
import { type OutboxEntry, queueEntries } from '../outbox/queue-entries';

/** An entry of the log that could not be folded, and why. */
export interface ParkedEntry {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** Whose it is; null where it doesn't prove that. */
  readonly project: string | null;
  readonly key: string | null;
  readonly reason: string;
  readonly detail: string;
  /** The broker's clock, epoch ms. */
  readonly appendedAt: number;
  readonly value: Uint8Array | null;
}

const DETAIL_CHARACTERS = 500;
const KEY_CHARACTERS = 512;

/**
 * Sets entries aside in the caller's transaction (the fold's, with its offset), each once however
 * often it is parked, and queues the new ones for `usage.quarantine.v1`. Answers how many are new.
 */
export async function parkEntries(
  manager: EntityManager,
  entries: readonly ParkedEntry[],
): Promise<number> {
  if (entries.length === 0) return 0;
  const rows = entries.map(rowOf);
  const parked = (await manager.query(
    `INSERT INTO quarantine
       (topic, partition, "offset", project, key, reason, detail, at, content)
     SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[], $4::text[], $5::text[], $6::text[],
                          $7::text[], $8::timestamptz[], $9::bytea[])
     ON CONFLICT (topic, partition, "offset") DO NOTHING
     RETURNING topic, partition, "offset"`,
    [
      rows.map((row) => row.topic),
      rows.map((row) => row.partition),
      rows.map((row) => row.offset),
      rows.map((row) => row.project),
      rows.map((row) => row.key),
      rows.map((row) => row.reason),
      rows.map((row) => row.detail),
      rows.map((row) => row.at),
      rows.map((row) => row.content),
    ],
  )) as { topic: string; partition: number; offset: string }[];
  crashPoint('totals.after-parked');
  const fresh = new Set(parked.map(placeOf));
  await queueEntries(manager, rows.filter((row) => fresh.has(placeOf(row))).map(outboxEntryOf));
  return parked.length;
}

type Row = ReturnType<typeof rowOf>;

function rowOf(entry: ParkedEntry) {
  return {
    topic: entry.topic,
    partition: entry.partition,
    offset: String(entry.offset),
    project: entry.project,
    key: entry.key === null ? null : storableText(entry.key.slice(0, KEY_CHARACTERS)),
    reason: entry.reason,
    detail: storableText(entry.detail.slice(0, DETAIL_CHARACTERS)),
    at: new Date(entry.appendedAt).toISOString(),
    content: Buffer.from((entry.value ?? new Uint8Array()).subarray(0, QUARANTINE_BYTES)),
  };
}

function placeOf(row: { topic: string; partition: number; offset: string }): string {
  return `${row.topic}/${row.partition}/${row.offset}`;
}

function outboxEntryOf(row: Row): OutboxEntry {
  return {
    topic: TOPICS.quarantine.name,
    key: row.key ?? '',
    value: JSON.stringify(publicEntry(row)),
    headers: {
      ce_specversion: '1.0',
      ce_id: placeOf(row),
      ce_type: 'usage.quarantined.v1',
      ce_source: 'tallyward/entitlement',
      ce_subject: placeOf(row),
      ce_time: row.at,
      'content-type': 'application/json',
    },
  };
}

/** As people and programs meet it. A character cut off by the last byte is left out. */
export function publicEntry(row: {
  topic: string;
  partition: number;
  offset: string;
  reason: string;
  detail: string;
  at: Date | string;
  key: string | null;
  content: Buffer;
}): QuarantinedEntry {
  const { topic, partition, offset, reason, detail, key, content } = row;
  const at = new Date(row.at).toISOString();
  const decoder = new TextDecoder('utf-8');
  const text = decoder.decode(content, { stream: content.length === QUARANTINE_BYTES });
  return { topic, partition, offset, reason, detail, at, key, content: text };
}
