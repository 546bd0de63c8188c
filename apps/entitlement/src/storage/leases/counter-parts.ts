import { type CounterParts, extraOf, isHard, type Limit, sumOf } from '@tallyward/domain';
import type { EntityManager } from 'typeorm';
import { safeInteger } from '../safe-integer';
import { type CounterKey, keyColumns } from './counters';
import { COUNTER_TABLE } from './leases.migration';

/** The columns of `counter` that a counter's parts are read from. */
export const PARTS = 'amount, extra, carried, dripped, drips, forgiven, fresh_from';

export interface StoredParts {
  amount: string;
  extra: string;
  carried: string[];
  dripped: string;
  drips: string;
  forgiven: string;
  fresh_from: string | null;
}

/** What was given by hand is the rest of `extra`. */
export function partsOf(row: StoredParts): CounterParts {
  const carried = row.carried.map(safeInteger);
  const [dripped, forgiven] = [safeInteger(row.dripped), safeInteger(row.forgiven)];
  return {
    amount: safeInteger(row.amount),
    given: safeInteger(row.extra) - sumOf(carried) - dripped - forgiven,
    carried,
    dripped,
    drips: safeInteger(row.drips),
    forgiven,
    freshFrom: row.fresh_from === null ? null : safeInteger(row.fresh_from),
  };
}

const placeOf = ({ project, customer, name, windowStart }: CounterKey): string =>
  JSON.stringify([project, customer, name, windowStart]);

/** The parts of counters that are open, in the order they were asked for. */
export async function loadParts(
  manager: EntityManager,
  keys: readonly CounterKey[],
): Promise<(CounterParts | undefined)[]> {
  if (keys.length === 0) return [];
  const rows = await manager.query<
    (StoredParts & { project: string; customer: string; name: string; start: string })[]
  >(
    `SELECT project, customer, name, window_start AS start, ${PARTS} FROM ${COUNTER_TABLE}
     WHERE (project, customer, name, window_start) IN (
       SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]))`,
    keyColumns(keys),
  );
  const found = new Map(
    rows.map(({ start, ...row }) => [
      placeOf({ ...row, windowStart: safeInteger(start) }),
      partsOf(row),
    ]),
  );
  return keys.map((key) => found.get(placeOf(key)));
}

/** A counter with its parts, and the limit whose rule it drips by and that it is hard as. */
export interface WrittenParts {
  readonly key: CounterKey;
  readonly parts: CounterParts;
  readonly limit: Limit;
}

/**
 * Writes the parts of counters that the caller has locked, and what their limits say of them. As
 * columns: of these Postgres knows how many there are, and joins thousands well.
 */
export async function saveParts(
  manager: EntityManager,
  written: readonly WrittenParts[],
): Promise<void> {
  if (written.length === 0) return;
  const parts = written.map((each) => each.parts);
  const drips = written.map(({ limit: { replenishment: refill, amount } }) => {
    return refill.kind === 'drip' && amount > 0 ? refill : null;
  });
  await manager.query(
    `UPDATE ${COUNTER_TABLE} c SET amount = g.amount, extra = g.extra,
       carried = g.carried::bigint[], dripped = g.dripped, drips = g.drips,
       forgiven = g.forgiven, fresh_from = g.fresh_from, drip_amount = g.drip_amount,
       drip_every = g.drip_every, drip_cap = g.drip_cap, hard = g.hard
     FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[],
       $7::text[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[],
       $13::bigint[], $14::bigint[], $15::boolean[])
       AS g (project, customer, name, window_start, amount, extra, carried, dripped, drips,
         forgiven, fresh_from, drip_amount, drip_every, drip_cap, hard)
     WHERE c.project = g.project AND c.customer = g.customer AND c.name = g.name
       AND c.window_start = g.window_start`,
    [
      ...keyColumns(written.map(({ key }) => key)),
      parts.map(({ amount }) => amount),
      parts.map(extraOf),
      parts.map(({ carried }) => `{${carried.join()}}`),
      parts.map(({ dripped }) => dripped),
      parts.map((each) => each.drips),
      parts.map(({ forgiven }) => forgiven),
      parts.map(({ freshFrom }) => freshFrom),
      drips.map((drip) => drip?.amount ?? null),
      drips.map((drip) => drip?.everyMs ?? null),
      drips.map((drip) => drip?.cap ?? null),
      written.map(({ limit }) => isHard(limit)),
    ],
  );
}

const NOW = 'floor(extract(epoch FROM statement_timestamp()) * 1000)::bigint';
const DRIPS = `greatest(c.drips, (${NOW} - c.window_start) / c.drip_every)`;
const FALLEN = `least((${DRIPS} - c.drips)::numeric * c.drip_amount,
  c.used + c.drip_cap - c.amount - c.extra)`;

/** What has dripped into counters `c` since somebody last looked. */
export const DRIPS_DUE = `CASE WHEN c.drip_every IS NULL THEN 0 ELSE greatest(0, ${FALLEN})::bigint END`;

/**
 * `dripped` of the domain as part of the statement that raises `used` of counters `c` that are
 * locked: the drips that fell until then found as much unused as there was before.
 */
export const DRIP_BEFORE_USE = dripBeforeUse('0');

/** The same where `extra` is changed by an expression beside. */
export function dripBeforeUse(beside: string): string {
  return `extra = c.extra + ${DRIPS_DUE} + ${beside},
  dripped = c.dripped + ${DRIPS_DUE},
  drips = CASE WHEN c.drip_every IS NULL THEN c.drips ELSE ${DRIPS} END`;
}
