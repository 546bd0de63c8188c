import type { Limit } from '../tiers/limit';

/**
 * Why a limit stands in the way of a call: `used-up` by what was settled; `held` by calls that run
 * or by leases, which may come back; `per-request`: larger than the limit ever is; `disabled`: the
 * limit is 0.
 */
export type ObstacleReason = 'used-up' | 'held' | 'per-request' | 'disabled';

/** A limit that a call does not fit into. */
export interface Obstacle {
  readonly limit: Limit;
  readonly scopeValue: string;
  readonly reason: ObstacleReason;
  /** The earliest instant units can come back, epoch ms; null: they never do by themselves. */
  readonly retryAt: number | null;
}

/** What an obstacle makes of the call in its model group. */
export type Effect =
  | { readonly outcome: 'block'; readonly reason: 'used-up' | 'per-request' | 'disabled' }
  | { readonly outcome: 'throttle'; readonly reason: 'held' | 'rate' }
  | { readonly outcome: 'restrict'; readonly to: string };

/**
 * A `block` limit that only holds stand before answers `throttle`: block always means used up. What
 * never fits is blocked under `throttle` too, or its caller would try for ever.
 */
export function effectOf({ limit, reason }: Pick<Obstacle, 'limit' | 'reason'>): Effect {
  if (limit.onLimit === 'restrict' && limit.restrictTo !== null) {
    return { outcome: 'restrict', to: limit.restrictTo };
  }
  if (reason === 'held') return { outcome: 'throttle', reason };
  if (limit.onLimit === 'throttle' && reason === 'used-up') {
    return { outcome: 'throttle', reason: 'rate' };
  }
  return { outcome: 'block', reason };
}

const STRICTNESS = { restrict: 0, throttle: 1, block: 2 } as const;

/**
 * The obstacle that decides in a model group: the strictest, so that what blocks is not rerouted
 * around; among equals the one that lets go last, then the first of the tier.
 */
export function strictest(obstacles: readonly Obstacle[]): Obstacle | undefined {
  let found: Obstacle | undefined;
  for (const obstacle of obstacles) {
    if (found === undefined || isStricter(obstacle, found)) found = obstacle;
  }
  return found;
}

function isStricter(one: Obstacle, other: Obstacle): boolean {
  const by = STRICTNESS[effectOf(one).outcome] - STRICTNESS[effectOf(other).outcome];
  return by === 0 ? lets(one) > lets(other) : by > 0;
}

const lets = ({ retryAt }: Obstacle): number => retryAt ?? Infinity;
