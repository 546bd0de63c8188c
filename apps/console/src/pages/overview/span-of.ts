import { startOfDay, startOfStep } from '../../ui/steps-of-zone';
import type { LooksBack } from './overview-search';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export interface Look {
  readonly from: string;
  readonly to: string;
  readonly window: 'minute' | 'hour' | 'day';
  readonly timeZone: string;
}

export interface LookShape {
  readonly label: string;
  readonly words: string;
  readonly steps: number;
  readonly stepMs: number;
  readonly window: Look['window'];
}

export const LOOKS: Readonly<Record<LooksBack, LookShape>> = {
  hour: {
    label: '1 h',
    words: 'in the last hour',
    steps: 60,
    stepMs: MINUTE_MS,
    window: 'minute',
  },
  day: { label: '24 h', words: 'in 24 hours', steps: 24, stepMs: HOUR_MS, window: 'hour' },
  week: { label: '7 d', words: 'in 7 days', steps: 168, stepMs: HOUR_MS, window: 'hour' },
  month: { label: '30 d', words: 'in 30 days', steps: 30, stepMs: DAY_MS, window: 'day' },
};

/**
 * The windows that end with the present one. Hours and days begin where the zone's do, so no bar
 * is cut but the last, which still grows.
 */
export function spanOf(last: LooksBack, now: number, timeZone: string): Look {
  const { steps, stepMs, window } = LOOKS[last];
  const to = Math.floor(now / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
  const back = to - 1 - (steps - 1) * stepMs;
  const from = window === 'day' ? startOfDay(back, timeZone) : startOfStep(back, stepMs, timeZone);
  return { from: iso(from), to: iso(to), window, timeZone };
}

const iso = (at: number): string => new Date(at).toISOString();
