import {
  type CounterParts,
  extraOf,
  grow,
  isHard,
  type Limit,
  nextDripAt,
  NO_PARTS,
  quarterOf,
  sumOf,
  windowAmount,
  type WindowFrame,
} from '@tallyward/domain';
import type { EntityManager } from 'typeorm';
import type { Assigned } from '../../customers/stored-customer';
import { loadParts, saveParts } from './counter-parts';
import type { CounterRow } from './counters';
import { usedIn } from './used-in';
import { type Before, scopeValueOf, windowsBefore } from './windows-before';

/** Whose counter it is: what its windows and amounts follow from. */
export interface CounterHolder {
  readonly frame: WindowFrame;
  /** Epoch ms. */
  readonly firstSeen: number;
  /** Its tiers, in the order of their starts (`tiersOf`). */
  readonly tiers: readonly Assigned[];
}

/** A counter that the caller has locked, and its limit in the tier that holds now. */
export interface Held {
  readonly row: CounterRow;
  readonly limit: Limit;
  readonly holder: CounterHolder;
}

/** A counter with all that has come to it until now. */
export interface Replenished {
  readonly row: CounterRow;
  readonly parts: CounterParts;
  /** When more may come by itself, before the window ends, epoch ms; null: not before. */
  readonly risesAt: number | null;
}

/** How soon to look again for what leases of the windows before may leave. */
const CARRY_AGAIN_MS = 1_000;

/**
 * Raises counters by what rolled over, dripped, or came with a tier that starts without usage, and
 * takes over the amount of the tier that holds now, and whether its limit lets anything pass. To be
 * called with the counters locked, before something is granted from them. Nothing of it is a job:
 * it is due when somebody looks. Answers in the given order.
 */
export async function replenishCounters(
  manager: EntityManager,
  held: readonly Held[],
  now: number,
): Promise<Replenished[]> {
  const grown = await grownCounters(manager, held, now, 'lock');
  const changed = grown.flatMap(({ was, after, limit }, at) => {
    const isSame =
      held[at]?.row.isHard === after.row.isHard &&
      (was === undefined || JSON.stringify(was) === JSON.stringify(after.parts));
    return isSame ? [] : [{ key: after.row, parts: after.parts, limit }];
  });
  await saveParts(manager, changed);
  return grown.map(({ after }) => after);
}

/**
 * The same, written nowhere: `lock` for who writes all parts anyway (`saveParts`), `look` for who
 * only reads, of counters that are open or as they would be opened now.
 */
export async function asReplenished(
  manager: EntityManager,
  held: readonly Held[],
  now: number,
  lock: 'lock' | 'look' = 'look',
): Promise<Replenished[]> {
  const grown = await grownCounters(manager, held, now, lock);
  return grown.map(({ after }) => after);
}

interface Grown {
  readonly limit: Limit;
  /** Undefined: the row says all there is. */
  readonly was: CounterParts | undefined;
  readonly after: Replenished;
}

async function grownCounters(
  manager: EntityManager,
  held: readonly Held[],
  now: number,
  lock: 'lock' | 'look',
): Promise<Grown[]> {
  const due = held.filter((one) => mayGrow(one, now));
  const stored = await loadParts(
    manager,
    due.map(({ row }) => row),
  );
  const rolling = due.filter(({ limit }) => limit.replenishment.kind === 'rollover');
  const before = await windowsBefore(manager, rolling, now, lock);
  const fresh = await freshOf(manager, due, now);
  const places = new Map(due.map((one, at) => [one, at]));
  const windowsOf = new Map(rolling.map((one, at) => [one, before[at]]));
  return held.map((one): Grown => {
    const { row, limit } = one;
    const at = places.get(one);
    const asOpened = { ...NO_PARTS, amount: row.amount, given: row.extra };
    if (at === undefined)
      return { limit, was: undefined, after: { row, parts: asOpened, risesAt: null } };
    const was = stored[at] ?? asOpened;
    const windows = windowsOf.get(one);
    const parts = grow(was, limit, {
      windowStart: row.windowStart,
      used: row.used,
      now,
      fresh: fresh[at] ?? null,
      before: windows?.ended ?? null,
    });
    const amounts = { amount: parts.amount, extra: extraOf(parts) };
    const after = { ...row, ...amounts, isHard: isHard(limit) };
    return { limit, was, after: { row: after, parts, risesAt: risesAt(one, parts, windows, now) } };
  });
}

/** Most limits just start anew, and most customers keep their tier: then there is nothing to do. */
function mayGrow({ row, limit, holder }: Held, now: number): boolean {
  const begun = ({ from }: Assigned) => from > row.windowStart && from <= now;
  return (
    limit.replenishment.kind !== 'reset' ||
    row.amount !== windowAmount(limit) ||
    row.isHard !== isHard(limit) ||
    holder.tiers.some(begun)
  );
}

/**
 * The latest tier without usage that began in the window, and what the totals say was used until
 * then: exact where it began with a window. One that began at once was reckoned with in its own
 * transaction (forgive-usage.ts), and is not reckoned with again.
 */
async function freshOf(manager: EntityManager, held: readonly Held[], now: number) {
  const starts = held.map(({ row, holder }) => {
    const begun = holder.tiers.filter(
      ({ from, carryUsage }) => !carryUsage && from > row.windowStart && from <= now,
    );
    return begun.at(-1)?.from ?? null;
  });
  const asked = held.flatMap((one, n) => {
    const from = starts[n] ?? null;
    const { window } = one.limit;
    if (from === null || window === 'minute' || typeof window !== 'string') return [];
    const { project, customer, windowStart } = one.row;
    const { scope, modelGroup, unit } = one.limit;
    const before = { from: windowStart, to: quarterOf(from) };
    const of = { project, customer, scope, scopeValue: scopeValueOf(one), modelGroup, unit };
    return [{ n, use: { ...of, window: before } }];
  });
  const sums = await usedIn(
    manager,
    asked.map(({ use }) => use),
  );
  const usedBy = new Map(asked.map(({ n }, at) => [n, sums[at]]));
  return starts.map((from, n) => (from === null ? null : { from, used: usedBy.get(n) ?? 0 }));
}

function risesAt(
  { limit, row }: Held,
  parts: CounterParts,
  before: Before | undefined,
  now: number,
): number | null {
  const rule = limit.replenishment;
  let at: number | null = null;
  if (rule.kind === 'drip' && parts.amount > 0) {
    at = nextDripAt({ amount: 0, drips: parts.drips }, rule, row.windowStart);
  }
  if (rule.kind === 'rollover' && before?.isPending && sumOf(parts.carried) < rule.cap) {
    at = Math.max(now, row.windowStart) + CARRY_AGAIN_MS;
  }
  return at !== null && at < row.windowEnd ? at : null;
}
