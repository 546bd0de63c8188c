import type { LimitScope } from '../tiers/limit';
import { countsGroup, isHard, isOff, type Limit, limitKey } from '../tiers/limit';
import type { Amounts } from '../units';
import { effectOf, type Obstacle, type ObstacleReason, strictest } from './obstacle';

/** One call as limits see it. */
export interface Call {
  readonly modelGroup: string;
  /** The most it can use. */
  readonly demand: Amounts;
  /** '' where the call names none: limits of that scope do not count it. */
  readonly scopes: Readonly<Record<LimitScope, string>>;
}

/** What a call takes of one limit; C: what a counter is to whoever decides, mostly its name. */
export interface Met<C = string> {
  readonly limit: Limit;
  readonly scopeValue: string;
  /** The limit's counter for one value of its scope, without its window. */
  readonly counter: C;
  readonly need: number;
}

/** Why so much of a limit does not fit, and the earliest instant it may (epoch ms; null: never). */
export interface Word {
  readonly reason: ObstacleReason;
  readonly retryAt: number | null;
}

/** Where units come from: the gateway's leases, and entitlement's last word on what they lack. */
export interface Spender<H, C = string> {
  /** All of them or none, in one synchronous section (PROTOCOL 8). */
  take(met: readonly Met<C>[]): H | null;
  /**
   * Entitlement's word that so much does not fit, where the leases in hand do not hold it; null: no
   * word, so ask (PROTOCOL 6).
   */
  refusal(met: Met<C>): Word | null;
}

/** A limit's counter for one value of its scope. */
export type CounterOf<C> = (limit: Limit, scopeValue: string) => C;

export type Decision<H, C = string> =
  | {
      readonly kind: 'serve';
      readonly modelGroup: string;
      readonly hold: H;
      readonly met: readonly Met<C>[];
      /** What stood in the way of the groups before it, in their order; none: as it was asked. */
      readonly passed: readonly Obstacle[];
    }
  /** The leases in hand do not do, and entitlement has not said no. */
  | { readonly kind: 'ask'; readonly modelGroup: string; readonly met: readonly Met<C>[] }
  | {
      readonly kind: 'refuse';
      readonly modelGroup: string;
      readonly by: Obstacle;
      readonly met: readonly Met<C>[];
      readonly passed: readonly Obstacle[];
    };

/**
 * The requested group, then the groups that its limits reroute to, all in one synchronous section.
 * Ends, since a tier whose reroutes go in a circle is never saved. `metIn`: see {@link limitsMet}.
 */
export function decide<H, C>(
  requestedGroup: string,
  metIn: (modelGroup: string) => readonly Met<C>[],
  spender: Spender<H, C>,
): Decision<H, C> {
  const passed: Obstacle[] = [];
  for (let modelGroup = requestedGroup; ;) {
    const met = metIn(modelGroup);
    const leased: Met<C>[] = [];
    const obstacles: Obstacle[] = [];
    for (const one of met) {
      const never = neverFits(one);
      if (never) obstacles.push(never);
      if (isLeased(one)) leased.push(one);
    }
    if (obstacles.length === 0) {
      const hold = spender.take(leased);
      if (hold !== null) return { kind: 'serve', modelGroup, hold, met, passed };
    }
    for (const one of leased) {
      const word = spender.refusal(one);
      if (word) obstacles.push({ limit: one.limit, scopeValue: one.scopeValue, ...word });
    }
    const by = strictest(obstacles);
    if (by === undefined) return { kind: 'ask', modelGroup, met };
    const effect = effectOf(by);
    if (effect.outcome !== 'restrict') return { kind: 'refuse', modelGroup, by, met, passed };
    passed.push(by);
    modelGroup = effect.to;
  }
}

/** Every limit that a call meets in a model group, the tier's order. */
export function limitsMet<C>(
  limits: readonly Limit[],
  call: Call,
  modelGroup: string,
  counterOf: CounterOf<C>,
): Met<C>[] {
  const met: Met<C>[] = [];
  for (const limit of limits) {
    const scopeValue = call.scopes[limit.scope];
    if (scopeValue === '' || !countsGroup(limit, modelGroup)) continue;
    const counter = counterOf(limit, scopeValue);
    met.push({ limit, scopeValue, counter, need: call.demand[limit.unit] });
  }
  return met;
}

/** A counter's name without its window: one for each limit and value of its scope. */
export function counterName(limit: Limit, scopeValue: string): string {
  return `${limitKey(limit)}${scopeValue}`;
}

/** `request` counts one call alone, and `allow` counts what it lets pass: neither needs a lease. */
export function isLeased({ limit, need }: Pick<Met, 'limit' | 'need'>): boolean {
  return isHard(limit) && limit.window !== 'request' && need > 0;
}

/**
 * What no lease can help: entitlement need not be asked. An amount of 0 switches the group off,
 * whatever the call uses of the unit.
 */
function neverFits({ limit, scopeValue, need }: Omit<Met, 'counter'>): Obstacle | null {
  if (!isHard(limit)) return null;
  if (isOff(limit)) return { limit, scopeValue, reason: 'disabled', retryAt: null };
  if (limit.window !== 'request' || need <= limit.amount) return null;
  return { limit, scopeValue, reason: 'per-request', retryAt: null };
}
