import type { EntityManager } from 'typeorm';
import { safeInteger } from '../safe-integer';
import { PROGRESS_TABLE } from '../totals/tables';
import type { CounterKey, UsagePlace } from './counters';
import { COUNTER_TABLE, ASK_TABLE } from './leases.migration';

/** What was answered to an ask; a repeated one gets the same (PROTOCOL 2). */
export interface KeptAnswer {
  readonly id: string;
  readonly answer: unknown;
}

/** Postgres' clock, epoch ms. Asked after the locks, it is later than whatever they waited for. */
export async function clockOf(manager: EntityManager): Promise<number> {
  const [row] = await manager.query<{ now: string }[]>(
    'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now',
  );
  return safeInteger(row?.now ?? '');
}

/**
 * The same, and how far usage is folded. Asked after the locks on counters: what is folded since
 * then moves none of them.
 */
export async function clockAndFold(
  manager: EntityManager,
  { topic, partition }: UsagePlace,
): Promise<{ readonly at: number; readonly foldedTo: number }> {
  const [row] = await manager.query<{ now: string; folded: string | null }[]>(
    `SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now,
       (SELECT next_offset FROM ${PROGRESS_TABLE} WHERE topic = $1 AND partition = $2) AS folded`,
    [topic, partition],
  );
  return { at: safeInteger(row?.now ?? ''), foldedTo: safeInteger(row?.folded ?? '0') };
}

export async function answersTo(
  manager: EntityManager,
  ids: readonly string[],
): Promise<KeptAnswer[]> {
  if (ids.length === 0) return [];
  return manager.query<KeptAnswer[]>(
    `SELECT id, answer FROM ${ASK_TABLE} WHERE id = ANY($1::text[])`,
    [ids],
  );
}

export async function keepAnswers(
  manager: EntityManager,
  at: number,
  answers: readonly KeptAnswer[],
): Promise<void> {
  if (answers.length === 0) return;
  await manager.query(
    `INSERT INTO ${ASK_TABLE} (at, id, answer)
     SELECT $1, id, answer FROM unnest($2::text[], $3::jsonb[]) AS g (id, answer)`,
    [at, answers.map(({ id }) => id), answers.map(({ answer }) => JSON.stringify(answer))],
  );
}

/** Where a counter that is open may begin: exactly there, or, first-use, in a span. */
export interface SoughtCounter {
  readonly project: string;
  readonly customer: string;
  readonly name: string;
  readonly startsFrom: number;
  readonly startsTo: number;
  /** Null: a first-use window, which ends its length after it began. */
  readonly endsAt: number | null;
}

export interface FoundCounter extends CounterKey {
  readonly windowEnd: number;
  /** Of another zone or anchor that the customer had: its leases draw on the same time. */
  readonly isBeside: boolean;
}

/**
 * Which of these counters are open, and which beside them have leases out in a window that overlaps
 * theirs; none of them is held. A window of the same kind that overlaps one begins hardly more than
 * its own length before it.
 */
export async function findCounters(
  manager: EntityManager,
  sought: readonly SoughtCounter[],
): Promise<FoundCounter[]> {
  if (sought.length === 0) return [];
  const rows = await manager.query<FoundRow[]>(
    `SELECT c.project, c.customer, c.name, c.window_start, c.window_end,
       c.window_start NOT BETWEEN s.starts_from AND s.starts_to AS beside
     FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[])
       AS s (project, customer, name, starts_from, starts_to, ends)
     JOIN ${COUNTER_TABLE} c ON c.project = s.project AND c.customer = s.customer
       AND c.name = s.name AND (c.window_start BETWEEN s.starts_from AND s.starts_to
         OR c.leased > 0 AND c.window_end > s.starts_to
           AND c.window_start BETWEEN s.starts_to - (s.ends - s.starts_to) * 5 / 4 AND s.ends - 1)`,
    [
      sought.map(({ project }) => project),
      sought.map(({ customer }) => customer),
      sought.map(({ name }) => name),
      sought.map(({ startsFrom }) => startsFrom),
      sought.map(({ startsTo }) => startsTo),
      sought.map(({ endsAt }) => endsAt),
    ],
  );
  return rows.map(({ window_start, window_end, beside, ...row }) => ({
    ...row,
    windowStart: safeInteger(window_start),
    windowEnd: safeInteger(window_end),
    isBeside: beside,
  }));
}

interface FoundRow {
  project: string;
  customer: string;
  name: string;
  window_start: string;
  window_end: string;
  beside: boolean;
}
