import type { Unit } from '../units';
import type { LimitWindow } from '../windows/limit-window';

/** Whose use a limit counts: one counter for each value seen. */
export const LIMIT_SCOPES = ['customer', 'workspace', 'user', 'role'] as const;
export type LimitScope = (typeof LIMIT_SCOPES)[number];

/** What happens to a call that does not fit. */
export const ON_LIMIT = ['block', 'allow', 'restrict', 'throttle'] as const;
export type OnLimit = (typeof ON_LIMIT)[number];

/** Stands for every model group, `unclassified` too. */
export const EVERY_GROUP = '*';

/** How a limit refills. Amounts in the limit's unit, times in ms. */
export type Replenishment =
  | { readonly kind: 'reset' }
  /** What the last `windows` windows left unused is added, up to `cap`. */
  | { readonly kind: 'rollover'; readonly cap: number; readonly windows: number }
  /** `amount` more every `everyMs`, while less than `cap` is unused; starts with `cap`. */
  | {
      readonly kind: 'drip';
      readonly amount: number;
      readonly everyMs: number;
      readonly cap: number;
    };

/** One rule of a tier version. `amount` is a whole number of `unit`s in one window. */
export interface Limit {
  readonly scope: LimitScope;
  readonly modelGroup: string;
  readonly unit: Unit;
  readonly window: LimitWindow;
  readonly amount: number;
  readonly onLimit: OnLimit;
  /** The model group that serves instead; with `restrict` alone. */
  readonly restrictTo: string | null;
  readonly replenishment: Replenishment;
  /** What people read when it refuses or reroutes; null: Tallyward's own words. */
  readonly message: string | null;
}

/** What a limit counts, apart from how much: two limits of a tier never share it. */
export function limitKey({ scope, modelGroup, unit, window }: Limit): string {
  return JSON.stringify([scope, modelGroup, unit, windowName(window)]);
}

export function windowName(window: LimitWindow): string {
  return typeof window === 'string' ? window : `firstUse:${window.firstUseMs}`;
}

/** Never over it (I3): all but `allow`, which only counts the excess. */
export function isHard({ onLimit }: Limit): boolean {
  return onLimit !== 'allow';
}

export function countsGroup({ modelGroup }: Limit, group: string): boolean {
  return modelGroup === EVERY_GROUP || modelGroup === group;
}

/** An amount of 0 switches it off, however it refills. */
export function isOff({ amount }: Limit): boolean {
  return amount === 0;
}
