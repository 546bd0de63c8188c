import type { Limit } from './limit';

/** A limit of 100 calls a month on premium that blocks, but for what a test says. */
export function aLimit(more: Partial<Limit> = {}): Limit {
  return {
    scope: 'customer',
    modelGroup: 'premium',
    unit: 'calls',
    window: 'month',
    amount: 100,
    onLimit: 'block',
    restrictTo: null,
    replenishment: { kind: 'reset' },
    message: null,
    ...more,
  };
}
