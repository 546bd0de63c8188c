import type { EntityManager } from 'typeorm';
import { safeInteger } from '../safe-integer';
import { PROGRESS_TABLE } from '../totals/tables';
import type { UsagePlace } from './counters';
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
}

export interface FoundCounter {
  readonly project: string;
  readonly customer: string;
  readonly name: string;
  readonly windowStart: number;
}

/** Which of these counters are open; none of them is held. */
export async function findCounters(
  manager: EntityManager,
  sought: readonly SoughtCounter[],
): Promise<FoundCounter[]> {
  if (sought.length === 0) return [];
  const rows = await manager.query<(Omit<FoundCounter, 'windowStart'> & { start: string })[]>(
    `SELECT c.project, c.customer, c.name, c.window_start AS start
     FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[])
       AS s (project, customer, name, starts_from, starts_to)
     JOIN ${COUNTER_TABLE} c ON c.project = s.project AND c.customer = s.customer
       AND c.name = s.name AND c.window_start BETWEEN s.starts_from AND s.starts_to`,
    [
      sought.map(({ project }) => project),
      sought.map(({ customer }) => customer),
      sought.map(({ name }) => name),
      sought.map(({ startsFrom }) => startsFrom),
      sought.map(({ startsTo }) => startsTo),
    ],
  );
  return rows.map(({ start, ...row }) => ({ ...row, windowStart: safeInteger(start) }));
}
