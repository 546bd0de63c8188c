import { carriedOver, type EndedWindow, type RolloverRule } from './rollover';

/**
 * What a window inherits from those before it (the latest first), by age. Each is given with what
 * it had inherited when it was last looked at: a lease of a still older one may have closed since.
 */
export function inherited(before: readonly EndedWindow[], rule: RolloverRule): number[] {
  let carried: readonly number[] = [];
  for (const ended of before.toReversed()) {
    carried = carriedOver({ ...ended, carried: larger(ended.carried, carried) }, rule);
  }
  return [...carried];
}

/**
 * What a window inherits never falls, also where something late is counted in one that has ended:
 * leases may have been granted from it.
 */
export function larger(known: readonly number[], found: readonly number[]): readonly number[] {
  return sumOf(found) > sumOf(known) ? found : known;
}

export function sumOf(parts: readonly number[]): number {
  return parts.reduce((sum, part) => sum + part, 0);
}
