import type { Outcome } from '@tallyward/contracts';

/** One meaning, one colour, on every page; in light and dark (see ui/colours.css). */
export const OUTCOME_COLOUR: Readonly<Record<Outcome, string>> = {
  allow: 'var(--tw-allow)',
  restrict: 'var(--tw-restrict)',
  throttle: 'var(--tw-throttle)',
  block: 'var(--tw-block)',
};

/** Series without a meaning of their own, told apart also by those who see few colours. */
export const SERIES_COLOURS = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `var(--tw-series-${n})`);

/** How full a limit is: `over` also where calls go on and are counted as overage. */
export type Fullness = 'fine' | 'near' | 'over' | 'off';
export const NEAR_SHARE = 0.8;

export function fullness({ used, amount }: { used: number; amount: number }): Fullness {
  if (amount === 0) return used > 0 ? 'over' : 'off';
  if (used >= amount) return 'over';
  return used >= amount * NEAR_SHARE ? 'near' : 'fine';
}
