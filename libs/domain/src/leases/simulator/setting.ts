import { computedWindow } from '../../windows/limit-window';
import type { Span } from '../../calendar';
import type { LeaseTerms } from '../grant';
import { Chance } from './chance';

/** Everything that can happen in one step. */
const OFTEN = {
  call: 30,
  answer: 22,
  settle: 16,
  land: 20,
  deliver: 40,
  commit: 6,
  fold: 12,
  pass: 20,
  sweep: 6,
  repeatAsks: 5,
  reclaim: 6,
  wake: 8,
  settleLate: 6,
  release: 1.5,
};
const RARE = {
  settleAgain: 3,
  timeout: 3,
  recall: 0.6,
  crash: 4,
  stop: 0.2,
  changeAmount: 0.8,
  killSwitch: 0.2,
  suspend: 0.7,
  stall: 1.5,
  setClock: 0.7,
  logOut: 0.3,
  rebuild: 0.1,
};
export type StepKind = keyof typeof OFTEN | keyof typeof RARE;

/** Nights when clocks change, at an hour's or a day's end; and a month's end. */
const NIGHTS: readonly (readonly [string, string])[] = [
  ['Europe/Rome', '2026-10-25T01:00:00Z'],
  ['Europe/Rome', '2026-03-29T01:00:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T15:00:00Z'],
  ['Asia/Beirut', '2026-03-28T22:00:00Z'],
  ['America/Havana', '2026-11-01T05:00:00Z'],
  ['UTC', '2026-12-01T00:00:00Z'],
];

export const CALLS = 'calls a minute';
export const TOKENS = 'tokens an hour';
export const USERS = ['calls a day of user 1', 'calls a day of user 2'] as const;

export interface SimulatedLimit {
  readonly name: string;
  readonly windowOf: (instant: number) => Span;
  amount: number;
}

/** How long calls want their holds to last; what is more than usual gets a lease of its own. */
const USUAL_HOLD_MS = 2_000;
const HOLDS_MS = [
  [1_000, 2_000],
  [2_000, 9_000],
  [1_000, 2_000, 9_000],
];
/** One limit is in the way; the others are so many times as large. */
const LOOSE = 5;

/** What one seed fixes before the first step: rare things are left out or come often. */
export interface Setting {
  readonly startsAt: number;
  readonly limits: readonly SimulatedLimit[];
  readonly terms: LeaseTerms;
  readonly holdsMs: readonly number[];
  readonly weights: readonly (readonly [number, StepKind])[];
  /** How likely it is that … */
  readonly odds: {
    readonly elsewhere: number;
    readonly lazy: number;
    readonly aboveHold: number;
    readonly whole: number;
    readonly otherUser: number;
    readonly lost: number;
    readonly repeated: number;
    readonly stalePlan: number;
    readonly crashedBeforeAnswer: number;
  };
}

export function settingOf(seed: number): Setting {
  const chance = new Chance(seed);
  const [zone, night] = chance.of(NIGHTS) as readonly [string, string];
  const tight = chance.of([CALLS, CALLS, TOKENS, USERS[0]]);
  const amount = (name: string, from: number, to: number): number =>
    chance.between(from, to) * (name === tight ? 1 : LOOSE);
  const limit = (
    name: string,
    window: 'minute' | 'hour' | 'day',
    size: number,
  ): SimulatedLimit => ({
    name,
    windowOf: cached((instant) =>
      computedWindow(instant, window, { timeZone: zone, billingAnchor: 0 }),
    ),
    amount: size,
  });
  return {
    startsAt: Date.parse(night) - chance.between(10_000, 60_000),
    limits: [
      limit(CALLS, 'minute', amount(CALLS, 8, 40)),
      limit(TOKENS, 'hour', amount(TOKENS, 300, 1_500)),
      ...USERS.map((name) => limit(name, 'day', amount(name, 15, 60))),
    ],
    terms: {
      farMs: 20_000,
      nearMs: 3_000,
      usualHoldMs: USUAL_HOLD_MS,
      share: 3,
      strands: 0.5,
      aheadMs: 8_000,
    },
    holdsMs: chance.of(HOLDS_MS) as readonly number[],
    weights: weightsOf(chance),
    odds: oddsOf(chance),
  };
}

function weightsOf(chance: Chance): [number, StepKind][] {
  const often = Object.entries(OFTEN).map(([kind, weight]): [number, StepKind] => [
    weight * (chance.of([0.5, 1, 1, 2]) as number),
    kind as StepKind,
  ]);
  const rare = Object.entries(RARE).map(([kind, weight]): [number, StepKind] => [
    weight * (chance.of([0, 0, 1, 3]) as number),
    kind as StepKind,
  ]);
  // A fold that lags is what reclaim has to wait for.
  const lag = chance.of([1, 1, 0.03]) as number;
  const lagging = often.map(([weight, kind]): [number, StepKind] => {
    return [kind === 'fold' ? weight * lag : weight, kind];
  });
  return [...lagging, ...rare];
}

function oddsOf(chance: Chance): Setting['odds'] {
  const some = (...odds: number[]): number => chance.of([0, ...odds]) as number;
  return {
    elsewhere: some(0.4, 1),
    lazy: some(0.2, 0.6),
    aboveHold: some(0.1, 0.3),
    whole: chance.of([0.3, 0.8, 1]) as number,
    otherUser: some(0, 0.1),
    lost: some(0.02, 0.1),
    repeated: some(0.1, 0.3),
    stalePlan: some(0.3),
    crashedBeforeAnswer: some(0.05),
  };
}

/** Windows are asked for again and again, and time zones are slow. */
function cached(windowOf: (instant: number) => Span): (instant: number) => Span {
  const known: Span[] = [];
  return (instant) => {
    const found = known.find(({ from, to }) => instant >= from && instant < to);
    if (found) return found;
    const made = windowOf(instant);
    known.unshift(made);
    return made;
  };
}
