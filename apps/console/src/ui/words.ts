import { durationMs, type Outcome, type TierLimit } from '@tallyward/contracts';
import { EVERY_GROUP, type OnLimit } from '@tallyward/domain';
import { fullNumber, shortNumber } from './figures';
import { span } from './instants';
import { UNIT_WORDS, WINDOW_WORDS } from './unit-words';

/** What became of a call. */
export const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = {
  allow: 'Allowed',
  restrict: 'Rerouted',
  throttle: 'Throttled',
  block: 'Blocked',
};

export const ON_LIMIT_WORDS: Readonly<Record<OnLimit, string>> = {
  block: 'Block',
  allow: 'Allow, count overage',
  restrict: 'Reroute',
  throttle: 'Throttle',
};

type Window = TierLimit['window'];

/** `a month`; a window that opens with its first use: `in 5 h from first use`. */
export function windowWords(window: Window): string {
  if (typeof window === 'string') return WINDOW_WORDS[window];
  return `in ${durationWords(window.firstUse)} from first use`;
}

/** ISO 8601 as people read it; what can not be read stays as it is. */
export function durationWords(duration: string): string {
  const ms = durationMs(duration);
  return ms === null ? duration : span(ms);
}

export const groupWords = (group: string): string => (group === EVERY_GROUP ? 'all models' : group);

/** `premium tokens a month`, `premium calls a day per user`. */
export function limitWords(
  limit: Pick<TierLimit, 'scope' | 'modelGroup' | 'unit' | 'window'>,
): string {
  const each = limit.scope === 'customer' ? '' : ` per ${limit.scope}`;
  const what = `${groupWords(limit.modelGroup)} · ${UNIT_WORDS[limit.unit]}`;
  return `${what} ${windowWords(limit.window)}${each}`;
}

/** What happens to a call that does not fit. */
export function onLimitWords({ onLimit, restrictTo }: Pick<TierLimit, 'onLimit' | 'restrictTo'>) {
  return onLimit === 'restrict' ? `Reroute to ${restrictTo ?? '?'}` : ON_LIMIT_WORDS[onLimit];
}

export function replenishmentWords({ replenishment, window }: TierLimit): string {
  if (replenishment.kind === 'rollover') {
    const { cap, windows } = replenishment;
    return `unused part of ${windows === 1 ? 'the last window' : `the last ${windows} windows`} carries over, at most ${fullNumber(cap)}`;
  }
  if (replenishment.kind === 'drip') {
    const { amount, every, cap } = replenishment;
    return `+${shortNumber(amount)} every ${durationWords(every)}, up to ${fullNumber(cap)}`;
  }
  return window === 'lifetime' || window === 'request' ? 'never' : 'starts anew each window';
}

/** One limit, in one way: two of a tier never share it. */
export const limitId = (
  limit: Pick<TierLimit, 'scope' | 'modelGroup' | 'unit' | 'window'>,
): string =>
  JSON.stringify([
    limit.scope,
    limit.modelGroup,
    limit.unit,
    typeof limit.window === 'string' ? limit.window : limit.window.firstUse,
  ]);
