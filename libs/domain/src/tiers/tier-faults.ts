import type { LimitWindow } from '../windows/limit-window';
import { countsGroup, EVERY_GROUP, isHard, isOff, type Limit, limitKey } from './limit';

/** Limits that one call may have to hold of: what it holds of each stands in its hold's id. */
export const MOST_LIMITS_MET = 40;

const HOUR_MS = 3_600_000;
/** How long a window usually is; of months, the longest. A lifetime does not end. */
const USUAL_MS = {
  request: 0,
  minute: 60_000,
  hour: HOUR_MS,
  day: 24 * HOUR_MS,
  week: 7 * 24 * HOUR_MS,
  month: 31 * 24 * HOUR_MS,
  billingPeriod: 31 * 24 * HOUR_MS,
  lifetime: Infinity,
} as const satisfies Record<Extract<LimitWindow, string>, number>;

/** What is wrong with a tier's limits; `index` is the limit's place in the list. */
export interface TierFault {
  readonly index: number;
  readonly code:
    | 'limit-twice'
    | 'restrict-to-missing'
    | 'restrict-to-unused'
    | 'restrict-to-itself'
    | 'restrict-cycle'
    | 'restrict-every-group'
    | 'request-throttle'
    | 'request-replenishment'
    | 'lifetime-throttle'
    | 'lifetime-replenishment'
    | 'drip-amount'
    | 'drip-never-fits'
    | 'drip-never-falls'
    | 'too-many-meet';
  /** A sentence that says what to do. */
  readonly detail: string;
}

/** Everything that makes a list of limits contradict itself; empty when it may be saved. */
export function tierFaults(limits: readonly Limit[]): TierFault[] {
  return [
    ...limits.flatMap((limit, index) => {
      const faults = [...reactionFaults(limit), ...refillFaults(limit)];
      return faults.map((fault) => ({ index, ...fault }));
    }),
    ...repeats(limits),
    ...cycles(limits),
    ...crowds(limits),
  ];
}

type OwnFault = Omit<TierFault, 'index'>;

/** Of what happens to a call that does not fit. */
function reactionFaults(limit: Limit): OwnFault[] {
  const faults: OwnFault[] = [];
  const fault = (code: TierFault['code'], detail: string): void =>
    void faults.push({ code, detail });
  const { onLimit, restrictTo, modelGroup, window, replenishment } = limit;
  if (onLimit === 'restrict') {
    if (modelGroup === EVERY_GROUP) {
      const why = 'Another group counts there too, so a reroute would not fit either';
      fault('restrict-every-group', `${why}: use block, throttle or allow, or name one group.`);
    } else if (restrictTo === null) {
      fault('restrict-to-missing', 'Name in restrictTo the model group that serves instead.');
    } else if (countsGroup(limit, restrictTo)) {
      fault('restrict-to-itself', `Name in restrictTo another group than "${modelGroup}".`);
    }
  } else if (restrictTo !== null) {
    fault('restrict-to-unused', 'Leave restrictTo out, or set onLimit to "restrict".');
  }
  if (window === 'request' && onLimit === 'throttle') {
    const why = 'A call that is too large now is too large later';
    fault('request-throttle', `${why}: use block, restrict or allow with the window "request".`);
  }
  if (window === 'lifetime' && onLimit === 'throttle' && replenishment.kind !== 'drip') {
    const why = 'A lifetime never starts anew, so there is no later to wait for';
    fault('lifetime-throttle', `${why}: use block, or let the limit drip.`);
  }
  return faults;
}

/** Of how it refills. */
function refillFaults({ window, amount, replenishment }: Limit): OwnFault[] {
  const faults: OwnFault[] = [];
  const fault = (code: TierFault['code'], detail: string): void =>
    void faults.push({ code, detail });
  if (window === 'request' && replenishment.kind !== 'reset') {
    fault('request-replenishment', 'One call has nothing to refill: set replenishment to reset.');
  }
  if (window === 'lifetime' && replenishment.kind === 'rollover') {
    fault('lifetime-replenishment', 'A lifetime has no next window: use reset or drip.');
  }
  if (replenishment.kind !== 'drip') return faults;
  const { cap, everyMs } = replenishment;
  if (amount === 0) {
    fault('drip-amount', 'An amount of 0 switches the limit off: set replenishment to reset.');
  } else if (amount !== cap) {
    fault('drip-amount', `A limit that drips starts with its cap: set amount to ${cap} too.`);
  }
  if (replenishment.amount > cap) {
    fault('drip-never-fits', 'Raise the cap to the amount of one drip at least.');
  }
  const lastsMs = typeof window === 'string' ? USUAL_MS[window] : window.firstUseMs;
  if (window !== 'request' && everyMs >= lastsMs) {
    const why = 'The window ends before its first drip';
    fault('drip-never-falls', `${why}: shorten every, or take a longer window.`);
  }
  return faults;
}

function repeats(limits: readonly Limit[]): TierFault[] {
  const first = new Map<string, number>();
  return limits.flatMap((limit, index) => {
    const key = limitKey(limit);
    const before = first.get(key);
    if (before === undefined) {
      first.set(key, index);
      return [];
    }
    const detail = `Limit ${before} counts the same scope, group, unit and window: keep one.`;
    return [{ index, code: 'limit-twice', detail }];
  });
}

/** More limits that one call may meet than its hold has room for; names the first beyond them. */
function crowds(limits: readonly Limit[]): TierFault[] {
  const groups = new Set(limits.map(({ modelGroup }) => modelGroup));
  return [...groups].flatMap((group) => {
    const met = limits.flatMap((limit, index) =>
      countsGroup(limit, group) && isHeldOf(limit) ? [index] : [],
    );
    const index = met[MOST_LIMITS_MET];
    if (index === undefined) return [];
    const detail =
      `A call of "${group}" meets ${met.length} limits that are not "allow", and its hold has room ` +
      `for ${MOST_LIMITS_MET}: leave out ${met.length - MOST_LIMITS_MET}, or let them allow.`;
    return [{ index, code: 'too-many-meet', detail }];
  });
}

function isHeldOf(limit: Limit): boolean {
  return isHard(limit) && limit.window !== 'request' && !isOff(limit);
}

/** A reroute that could come back to a group it has left. */
function cycles(limits: readonly Limit[]): TierFault[] {
  const next = new Map<string, Set<string>>();
  for (const { modelGroup, restrictTo } of limits) {
    if (restrictTo === null || restrictTo === modelGroup) continue;
    next.set(modelGroup, (next.get(modelGroup) ?? new Set()).add(restrictTo));
  }
  return limits.flatMap(({ modelGroup, restrictTo }, index) => {
    if (restrictTo === null || restrictTo === modelGroup) return [];
    const path = pathTo(modelGroup, restrictTo, next);
    if (!path) return [];
    const shown = [modelGroup, ...path].map((group) => `"${group}"`).join(' → ');
    const detail = `Reroutes go in a circle: ${shown}. Let one of them block instead.`;
    return [{ index, code: 'restrict-cycle', detail }];
  });
}

/** The shortest way from `at` to `goal`, both in it; null where there is none. */
function pathTo(
  goal: string,
  at: string,
  next: ReadonlyMap<string, ReadonlySet<string>>,
): string[] | null {
  const ways: string[][] = [[at]];
  const seen = new Set([at]);
  for (let way = ways.shift(); way; way = ways.shift()) {
    const last = way[way.length - 1] as string;
    if (last === goal) return way;
    for (const group of next.get(last) ?? []) {
      if (seen.has(group)) continue;
      seen.add(group);
      ways.push([...way, group]);
    }
  }
  return null;
}
