import {
  computedWindow,
  type CounterParts,
  type EndedWindow,
  type Limit,
  limitKey,
  overlaps,
  type Span,
  tierAt,
  windowAmount,
} from '@tallyward/domain';
import { limitOf } from '@tallyward/contracts';
import type { EntityManager } from 'typeorm';
import { safeInteger } from '../safe-integer';
import { loadTierVersion } from '../tiers/tier-reader';
import { PARTS, partsOf, type StoredParts } from './counter-parts';
import { COUNTER_TABLE } from './leases.migration';
import type { Held } from './replenishment';
import { usedIn } from './used-in';

/**
 * A window that nobody opened may be opened by an ask of its last moment, whose transaction is not
 * through: nothing carries from it until gateways would find such a lease spent (PROTOCOL 3, 15).
 */
export const UNOPENED_CARRIES_AFTER_MS = 5_000;
/** Counters looked at for one window: changes of a time zone make more than there are windows. */
const MOST_BEFORE = 80;

/** What the windows before a counter's leave, the latest first; null: not to be told now. */
export interface Before {
  readonly ended: readonly EndedWindow[] | null;
  /** Something of them is still leased: it may yet carry. */
  readonly isPending: boolean;
}

interface Row {
  readonly parts: CounterParts;
  readonly window: Span;
  readonly used: number;
  readonly leased: number;
}

interface StoredRow extends StoredParts {
  n: number;
  busy: boolean;
  window_start: string;
  window_end: string;
  used: string;
  leased: string;
}

const NOTHING_BEFORE: Before = { ended: [], isPending: false };

/** For each counter of a limit that rolls over. `lock`: a change follows; a read only looks. */
export async function windowsBefore(
  manager: EntityManager,
  held: readonly Held[],
  now: number,
  lock: 'lock' | 'look',
): Promise<Before[]> {
  const rows = await rowsBefore(manager, held, lock);
  const found: Before[] = [];
  for (const [n, one] of held.entries()) {
    const mine = rows.filter((row) => row.n === n);
    if (now < one.row.windowStart || mine.some(({ busy }) => busy)) {
      found.push({ ended: null, isPending: true });
      continue;
    }
    found.push(await beforeOf(manager, one, mine.map(rowOf), now));
  }
  return found;
}

async function beforeOf(
  manager: EntityManager,
  one: Held,
  rows: readonly Row[],
  now: number,
): Promise<Before> {
  const spans = await carryingSpans(manager, one, rows);
  if (spans.length === 0) return NOTHING_BEFORE;
  const isOpened = (span: Span) => rows.some(({ window }) => isSame(window, span));
  const [last] = spans;
  if (last && !isOpened(last.span) && now < last.span.to + UNOPENED_CARRIES_AFTER_MS) {
    return { ended: null, isPending: true };
  }
  const { scope, modelGroup, unit, window } = one.limit;
  const { project, customer } = one.row;
  const isSummed = window !== 'minute' && typeof window === 'string';
  const asked = spans.filter(({ span }) => isSummed && !isOpened(span));
  const sums = await usedIn(
    manager,
    asked.map(({ span }) => ({
      ...{ project, customer, scope, scopeValue: scopeValueOf(one), modelGroup, unit },
      window: span,
    })),
  );
  const ended = spans.map(({ span, limit }) => {
    const at = asked.findIndex((each) => each.span === span);
    return endedWindow(span, limit, rows, sums[at] ?? 0);
  });
  return { ended, isPending: ended.some(({ leased }) => leased > 0) };
}

function endedWindow(span: Span, limit: Limit, rows: readonly Row[], summed: number): EndedWindow {
  const same = rows.find(({ window }) => isSame(window, span));
  const overlapping = rows.filter(({ window }) => overlaps(window, span));
  const begun = overlapping.filter(({ window }) => window.from >= span.from);
  const added = begun.reduce((sum, { parts }) => sum + parts.given + parts.forgiven, 0);
  return {
    amount: windowAmount(limit) + added,
    carried: same?.parts.carried ?? [],
    used: same?.used ?? summed,
    leased: overlapping.reduce((sum, { leased }) => sum + leased, 0),
  };
}

/**
 * The windows that may leave something, the latest first, each with the limit that was in force as
 * it ended: none from before the customer was there, none from a tier whose limit did not carry.
 * One more than carry: what that one inherited says how much of its own it used.
 */
async function carryingSpans(manager: EntityManager, one: Held, rows: readonly Row[]) {
  const { limit, holder, row } = one;
  const { window, replenishment } = limit;
  if (replenishment.kind !== 'rollover' || window === 'request') return [];
  const most = replenishment.windows + 1;
  const spans: { readonly span: Span; readonly limit: Limit }[] = [];
  const opened = rows.map((each) => each.window).sort((a, b) => b.from - a.from);
  let at = row.windowStart;
  while (spans.length < most) {
    const span =
      typeof window === 'string'
        ? computedWindow(at - 1, window, holder.frame)
        : opened.find(({ to }) => to <= at);
    if (span === undefined || span.to <= holder.firstSeen) break;
    const was = await limitThen(manager, one, span.to - 1);
    if (was?.replenishment.kind !== 'rollover') break;
    spans.push({ span, limit: was });
    at = span.from;
  }
  return spans;
}

/** The limit of the same counter in the tier that was in force at an instant. */
async function limitThen(
  manager: EntityManager,
  { limit, holder, row }: Held,
  instant: number,
): Promise<Limit | undefined> {
  const tier = tierAt(holder.tiers, instant);
  if (tier === tierAt(holder.tiers, row.windowStart) && tier === holder.tiers.at(-1)) return limit;
  const version = await loadTierVersion(manager, row.project, tier.name, tier.version);
  return version?.limits.map(limitOf).find((each) => limitKey(each) === limitKey(limit));
}

async function rowsBefore(
  manager: EntityManager,
  held: readonly Held[],
  lock: 'lock' | 'look',
): Promise<StoredRow[]> {
  if (held.length === 0) return [];
  // One that somebody has locked is not waited for: whoever has it may wait for ours.
  const free = `SELECT x.* FROM ${COUNTER_TABLE} x WHERE x.project = b.project
    AND x.customer = b.customer AND x.name = b.name AND x.window_start = b.window_start`;
  const columns = `s.window_start, s.window_end, s.used, s.leased,
    ${PARTS.split(', ')
      .map((column) => `s.${column}`)
      .join(', ')}`;
  return manager.query<StoredRow[]>(
    `SELECT k.place::integer - 1 AS n, s.window_start IS NULL AS busy, ${columns}
     FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[]) WITH ORDINALITY
       AS k (project, customer, name, starts, oldest, place)
     JOIN LATERAL (
       SELECT c.project, c.customer, c.name, c.window_start FROM ${COUNTER_TABLE} c
       WHERE c.project = k.project AND c.customer = k.customer AND c.name = k.name
         AND c.window_start < k.starts AND c.window_end > k.oldest
       ORDER BY c.window_start DESC LIMIT ${MOST_BEFORE}) b ON true
     LEFT JOIN LATERAL (${free} ${lock === 'lock' ? 'FOR SHARE SKIP LOCKED' : ''}) s ON true`,
    [
      held.map(({ row }) => row.project),
      held.map(({ row }) => row.customer),
      held.map(({ row }) => row.name),
      held.map(({ row }) => row.windowStart),
      held.map(oldestOf),
    ],
  );
}

/** Where the oldest window begins that could leave something. */
function oldestOf({ limit: { window, replenishment }, holder, row }: Held): number {
  if (typeof window !== 'string' || window === 'request') return 0;
  let at = row.windowStart;
  const most = replenishment.kind === 'rollover' ? replenishment.windows + 1 : 0;
  for (let n = 0; n < most && at > holder.firstSeen; n += 1) {
    at = computedWindow(at - 1, window, holder.frame).from;
  }
  return at;
}

export function scopeValueOf({ limit, row }: Held): string {
  return row.name.slice(limitKey(limit).length);
}

function rowOf(row: StoredRow): Row {
  return {
    parts: partsOf(row),
    window: { from: safeInteger(row.window_start), to: safeInteger(row.window_end) },
    used: safeInteger(row.used),
    leased: safeInteger(row.leased),
  };
}

const isSame = (one: Span, other: Span): boolean => one.from === other.from && one.to === other.to;
