import type { LimitState } from '@tallyward/contracts';
import type { ReportWindow } from '@tallyward/domain';
import type { UsageRow } from '../../api/usage';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Use of one window so far, summed up from its start, and where its pace leads. */
export interface BurnUp {
  /** `used` ends with the step that now lies in; `projected` begins there. Sums, in the unit. */
  readonly points: readonly {
    readonly at: number;
    readonly used: number | null;
    readonly projected: number | null;
  }[];
  /** Sum of the window so far. */
  readonly used: number;
  /** At the pace so far, the sum as the window ends. */
  readonly atEnd: number;
  /** When that pace meets the amount, epoch ms; null: not in this window, or it has already. */
  readonly meetsAt: number | null;
}

export interface WindowSpan {
  readonly from: number;
  readonly to: number;
}

/** The window of a limit that starts and ends; null: a lifetime, one call, or not opened yet. */
export function spanOf({ windowStart, resetAt }: LimitState): WindowSpan | null {
  if (windowStart === null || resetAt === null) return null;
  return { from: Date.parse(windowStart), to: Date.parse(resetAt) };
}

/** How finely a window is drawn: some 20 to 70 steps. */
export function stepOf({ from, to }: WindowSpan): ReportWindow {
  if (to - from > 3 * DAY_MS) return 'day';
  return to - from > 2 * HOUR_MS ? 'hour' : 'minute';
}

/** How much of it has gone by, 0 … 1. */
export function elapsedOf({ from, to }: WindowSpan, now: number): number {
  return Math.min(1, Math.max(0, (now - from) / (to - from)));
}

/** Which rows of a report a limit counts, by the group and the scope value they carry. */
export function countsRow(limit: LimitState): (row: UsageRow) => boolean {
  const { scope, scopeValue, modelGroup } = limit;
  return (row) =>
    (modelGroup === '*' || row.modelGroup === modelGroup) &&
    (scope === 'customer' || row[scope] === scopeValue);
}

/** Rows of the window's report, in any order; the pace is that of the whole time gone by. */
export function burnUp(
  rows: readonly UsageRow[],
  limit: LimitState,
  window: WindowSpan,
  now: number,
): BurnUp {
  const steps = new Map<number, number>();
  const ends = new Map<number, number>();
  const counts = countsRow(limit);
  for (const row of rows) {
    const at = Date.parse(row.from);
    ends.set(at, Date.parse(row.to));
    steps.set(at, (steps.get(at) ?? 0) + (counts(row) ? row[limit.unit] : 0));
  }
  const used = [...steps.values()].reduce((sum, step) => sum + step, 0);
  const gone = Math.max(1, Math.min(now, window.to) - window.from);
  const perMs = used / gone;
  const atEnd = Math.round(used + perMs * Math.max(0, window.to - now));
  const left = limit.amount - used;
  const meets = perMs > 0 && left > 0 ? now + left / perMs : null;
  const meetsAt = meets !== null && meets < window.to ? Math.round(meets) : null;
  let sum = 0;
  const points: { at: number; used: number | null; projected: number | null }[] = [];
  for (const at of [...steps.keys()].sort((one, other) => one - other)) {
    if (at > now) break;
    sum += steps.get(at) ?? 0;
    const end = Math.min(ends.get(at) ?? at, now);
    points.push({ at: end, used: sum, projected: null });
  }
  const last = points.at(-1);
  if (last) points[points.length - 1] = { ...last, projected: last.used };
  if (now < window.to) points.push({ at: window.to, used: null, projected: atEnd });
  return {
    points: [{ at: window.from, used: 0, projected: null }, ...points],
    used,
    atEnd,
    meetsAt,
  };
}
