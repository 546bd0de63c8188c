import { UNITS, type UsageEvent } from '@tallyward/domain';
import type { EntityManager } from 'typeorm';
import { safeInteger } from '../safe-integer';
import { unitColumn } from '../totals/tables';
import type { CounterKey } from './counters';
import { COUNTER_TABLE } from './leases.migration';

/** What a batch of events adds to one counter that is open. */
export interface CounterUse extends CounterKey {
  readonly used: number;
}

/** What changes on one counter. */
export interface CounterDelta extends CounterKey {
  readonly used: number;
  /** Taken off by what leases paid or gave back: 0 or less. */
  readonly leased: number;
}

const OF_UNIT = UNITS.map((unit) => `WHEN '${unit}' THEN e.${unitColumn(unit)}`).join(' ');
const LABELS = ['project', 'customer', 'workspace', 'user', 'role', 'model_group'] as const;
const COLUMNS = [...LABELS.map((label) => `"${label}"`), '"time"', ...UNITS.map(unitColumn)];
const PARAMETERS = COLUMNS.map((_, i) => `$${i + 1}::${i < LABELS.length ? 'text' : 'bigint'}[]`);

/**
 * What events add to the counters they belong to: those of their customer that are open, in whose
 * window their time lies, by model group and scope. In the order of the counters' key. To be asked
 * by the fold alone, behind its fence: nobody opens a counter of the partition meanwhile.
 */
export async function usesOf(
  manager: EntityManager,
  events: readonly UsageEvent[],
): Promise<CounterUse[]> {
  if (events.length === 0) return [];
  const rows = await manager.query<StoredUse[]>(
    `SELECT c.project, c.customer, c.name, c.window_start, sum(CASE c.unit ${OF_UNIT} END) AS used
     FROM unnest(${PARAMETERS.join(', ')}) AS e (${COLUMNS.join(', ')})
     JOIN ${COUNTER_TABLE} c ON c.project = e.project AND c.customer = e.customer
       AND e."time" >= c.window_start AND e."time" < c.window_end
       AND c.model_group IN ('*', e.model_group)
       AND CASE c.scope WHEN 'workspace' THEN e.workspace = c.scope_value
         WHEN 'user' THEN e."user" = c.scope_value WHEN 'role' THEN e.role = c.scope_value
         ELSE true END
     GROUP BY c.project, c.customer, c.name, c.window_start
     ORDER BY c.project, c.customer, c.name, c.window_start`,
    [
      events.map(({ project }) => project),
      events.map(({ customer }) => customer),
      events.map(({ workspace }) => workspace),
      events.map(({ user }) => user),
      events.map(({ role }) => role),
      events.map(({ modelGroup }) => modelGroup),
      events.map(({ time }) => time),
      ...UNITS.map((unit) => events.map(({ amounts }) => amounts[unit])),
    ],
  );
  return rows.map(({ project, customer, name, window_start, used }) => {
    const windowStart = safeInteger(window_start);
    return { project, customer, name, windowStart, used: safeInteger(used) };
  });
}

/** Adds to counters that the caller has locked, in the order of their key. */
export async function addToCounters(
  manager: EntityManager,
  deltas: readonly CounterDelta[],
): Promise<void> {
  if (deltas.length === 0) return;
  await manager.query(
    `UPDATE ${COUNTER_TABLE} c SET used = c.used + d.used, leased = c.leased + d.leased
     FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[])
       AS d (project, customer, name, window_start, used, leased)
     WHERE c.project = d.project AND c.customer = d.customer AND c.name = d.name
       AND c.window_start = d.window_start`,
    [
      deltas.map(({ project }) => project),
      deltas.map(({ customer }) => customer),
      deltas.map(({ name }) => name),
      deltas.map(({ windowStart }) => windowStart),
      deltas.map(({ used }) => used),
      deltas.map(({ leased }) => leased),
    ],
  );
}

interface StoredUse {
  project: string;
  customer: string;
  name: string;
  window_start: string;
  used: string;
}
