import type { Limit } from '@tallyward/domain';
import { durationMs } from './duration';
import type { TierLimit } from './tiers';

/** A limit as rules see it. */
export function limitOf({ window: over, replenishment: refill, ...limit }: TierLimit): Limit {
  const ms = (text: string): number => durationMs(text) as number;
  return {
    ...limit,
    window: typeof over === 'string' ? over : { firstUseMs: ms(over.firstUse) },
    replenishment:
      refill.kind === 'drip'
        ? { kind: 'drip', amount: refill.amount, everyMs: ms(refill.every), cap: refill.cap }
        : refill,
  };
}
