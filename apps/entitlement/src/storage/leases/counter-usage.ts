import type { LimitScope, Unit, UsageEvent } from '@tallyward/domain';
import type { EntityManager } from 'typeorm';
import { safeInteger } from '../safe-integer';
import { type CounterKey, keyColumns } from './counters';
import { dripBeforeUse, DRIPS_DUE } from './counter-parts';
import { COUNTER_TABLE } from './leases.migration';

/** A counter that is open, and what counts in it. */
export interface OpenCounter extends CounterKey {
  /** Epoch ms; its window is half-open. */
  readonly windowEnd: number;
  readonly scope: LimitScope;
  readonly scopeValue: string;
  /** `*`: every group. */
  readonly modelGroup: string;
  readonly unit: Unit;
  /** It was opened with what the totals have: all that they hold, it counts. */
  readonly isOnQuarters: boolean;
}

/** What a fold must know of a counter that it has locked. */
export interface LockedCounter extends CounterKey {
  readonly used: number;
  readonly leased: number;
  /** With what replenishment added, and what has dripped until now. */
  readonly amount: number;
  /** Of the amount, what had been used when usage was reset, or a tier came without it. */
  readonly forgiven: number;
  /** Since when such a tier is in force, epoch ms; null: there is none. */
  readonly freshFrom: number | null;
  /** Its limit lets nothing pass: all but `allow`. */
  readonly isHard: boolean;
}

/** What a fold changes on one counter. */
export interface CounterDelta extends CounterKey {
  readonly used: number;
  /** Taken off by what leases paid: 0 or less. */
  readonly leased: number;
  /** Taken off by voids of what was forgiven: 0 or less. */
  readonly forgiven: number;
  readonly overrun: number;
}

interface CustomerSpan {
  readonly project: string;
  readonly customer: string;
  from: number;
  to: number;
}

/**
 * The counters of these events' customers that one of the events may lie in: by the span of their
 * times and the values of their scopes; `usesOf` says which. To be asked by the fold alone, behind
 * its fence: nobody opens a counter of the partition meanwhile. Without open counters this look at
 * an index is all that a batch costs.
 */
export async function countersOf(
  manager: EntityManager,
  events: readonly UsageEvent[],
): Promise<OpenCounter[]> {
  if (events.length === 0) return [];
  const spans = spansOf(events);
  const values = new Set(events.flatMap(({ workspace, user, role }) => [workspace, user, role]));
  const rows = await manager.query<StoredOpen[]>(
    `SELECT c.project, c.customer, c.name, c.window_start, c.window_end, c.scope, c.scope_value,
       c.model_group, c.unit, c.on_quarters
     FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[])
       AS g (project, customer, earliest, latest)
     JOIN ${COUNTER_TABLE} c ON c.project = g.project AND c.customer = g.customer
       AND c.window_end > g.earliest AND c.window_start <= g.latest
       AND (c.scope = 'customer' OR c.scope_value = ANY ($5::text[]))`,
    [
      spans.map(({ project }) => project),
      spans.map(({ customer }) => customer),
      spans.map(({ from }) => from),
      spans.map(({ to }) => to),
      [...values],
    ],
  );
  return rows.map((row) => ({
    project: row.project,
    customer: row.customer,
    name: row.name,
    windowStart: safeInteger(row.window_start),
    windowEnd: safeInteger(row.window_end),
    scope: row.scope,
    scopeValue: row.scope_value,
    modelGroup: row.model_group,
    unit: row.unit,
    isOnQuarters: row.on_quarters,
  }));
}

function spansOf(events: readonly UsageEvent[]): CustomerSpan[] {
  const spans = new Map<string, Map<string, CustomerSpan>>();
  for (const { project, customer, time } of events) {
    const ofProject = spans.get(project) ?? new Map<string, CustomerSpan>();
    spans.set(project, ofProject);
    const span = ofProject.get(customer);
    if (!span) ofProject.set(customer, { project, customer, from: time, to: time });
    else if (time < span.from) span.from = time;
    else if (time > span.to) span.to = time;
  }
  return [...spans.values()].flatMap((ofProject) => [...ofProject.values()]);
}

/** Locks counters in the order of their key, as everybody does: before any of their leases. */
export async function lockUsed(
  manager: EntityManager,
  keys: readonly CounterKey[],
): Promise<LockedCounter[]> {
  const rows = await manager.query<StoredLocked[]>(
    `SELECT project, customer, name, window_start, used, leased, hard, forgiven, fresh_from,
       amount + extra + ${DRIPS_DUE} AS amount
     FROM ${COUNTER_TABLE} c
     WHERE (project, customer, name, window_start) IN (
       SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]))
     ORDER BY project, customer, name, window_start FOR UPDATE`,
    keyColumns(keys),
  );
  return rows.map(({ project, customer, name, ...row }) => ({
    project,
    customer,
    name,
    windowStart: safeInteger(row.window_start),
    used: safeInteger(row.used),
    leased: safeInteger(row.leased),
    amount: safeInteger(row.amount),
    forgiven: safeInteger(row.forgiven),
    freshFrom: row.fresh_from === null ? null : safeInteger(row.fresh_from),
    isHard: row.hard,
  }));
}

/** Adds to counters that the caller has locked. */
export async function addToCounters(
  manager: EntityManager,
  deltas: readonly CounterDelta[],
): Promise<void> {
  if (deltas.length === 0) return;
  await manager.query(
    `UPDATE ${COUNTER_TABLE} c SET used = c.used + d.used, leased = c.leased + d.leased,
       overrun = c.overrun + d.overrun, forgiven = c.forgiven + d.forgiven,
       ${dripBeforeUse('d.forgiven')}
     FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[],
         $7::bigint[], $8::bigint[])
       AS d (project, customer, name, window_start, used, leased, overrun, forgiven)
     WHERE c.project = d.project AND c.customer = d.customer AND c.name = d.name
       AND c.window_start = d.window_start`,
    [
      ...keyColumns(deltas),
      deltas.map(({ used }) => used),
      deltas.map(({ leased }) => leased),
      deltas.map(({ overrun }) => overrun),
      deltas.map(({ forgiven }) => forgiven),
    ],
  );
}

interface StoredOpen {
  project: string;
  customer: string;
  name: string;
  window_start: string;
  window_end: string;
  scope: LimitScope;
  scope_value: string;
  model_group: string;
  unit: Unit;
  on_quarters: boolean;
}

interface StoredLocked {
  project: string;
  customer: string;
  name: string;
  window_start: string;
  used: string;
  leased: string;
  amount: string;
  forgiven: string;
  fresh_from: string | null;
  hard: boolean;
}
