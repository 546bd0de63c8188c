import { MAX_REPORT_ROWS } from '@tallyward/contracts';
import { UNITS, zeroAmounts, type Span, type Unit } from '@tallyward/domain';
import type { UsagePlan } from './usage-plan';

/** A row of the answer: the window, the groups' values under their names, every unit. */
export type UsageRow = Record<string, string | number | null>;

/** As ClickHouse answers a usage statement: window start (s), groups, sums; numbers as digits. */
export type FoundRow = readonly (string | number)[];

export type Rows =
  | { readonly kind: 'rows'; readonly rows: Iterable<UsageRow> }
  | { readonly kind: 'too-many'; readonly groups: number };

/**
 * Every window with every group that has usage in the span, zeros where nothing was. Without any
 * usage the groups' values are null, so that the windows still show.
 */
export function fillRows(plan: UsagePlan, found: readonly FoundRow[]): Rows {
  const groups = new Map<string, readonly (string | null)[]>();
  const sums = new Map<string, Record<Unit, number>>();
  for (const row of found) {
    const values = row.slice(1, 1 + plan.groupBy.length).map(String);
    const group = JSON.stringify(values);
    groups.set(group, values);
    sums.set(`${row[0]} ${group}`, sumsOf(row));
  }
  if (groups.size === 0) {
    const nobody = plan.groupBy.map(() => null);
    groups.set(JSON.stringify(nobody), nobody);
  }
  if (plan.windows.length * groups.size > MAX_REPORT_ROWS) {
    return { kind: 'too-many', groups: groups.size };
  }
  const ordered = [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
  return { kind: 'rows', rows: rowsOf(plan, ordered, sums) };
}

const NOTHING = zeroAmounts();

function* rowsOf(
  plan: UsagePlan,
  groups: readonly (readonly [string, readonly (string | null)[]])[],
  sums: ReadonlyMap<string, Record<Unit, number>>,
): Iterable<UsageRow> {
  for (const window of plan.windows) {
    for (const [text, values] of groups) {
      const found = sums.get(`${Math.floor(window.from / 1000)} ${text}`) ?? NOTHING;
      // Assigned one by one: objects spread into each other take ten times as long.
      const row: UsageRow = instantsOf(window);
      for (const [i, name] of plan.groupBy.entries()) row[name] = values[i] ?? null;
      for (const unit of UNITS) row[unit] = found[unit];
      yield row;
    }
  }
}

function instantsOf(span: Span): { from: string; to: string } {
  return { from: new Date(span.from).toISOString(), to: new Date(span.to).toISOString() };
}

function sumsOf(row: FoundRow): Record<Unit, number> {
  const sums = zeroAmounts();
  const first = row.length - UNITS.length;
  for (const [i, unit] of UNITS.entries()) sums[unit] = exact(row[first + i]);
  return sums;
}

/** Sums are promised up to 2^53−1; beyond, a wrong digit would pass for a right one. */
function exact(digits: string | number | undefined): number {
  const value = Number(digits);
  if (!Number.isSafeInteger(value)) throw new Error(`A sum passed 2^53−1: ${digits}`);
  return value;
}
