import type { Limit } from '../tiers/limit';

/** What a window of a limit begins with, before anything is added: one that drips begins full. */
export function windowAmount({ amount, replenishment }: Limit): number {
  if (amount === 0) return 0;
  return replenishment.kind === 'drip' ? replenishment.cap : amount;
}
