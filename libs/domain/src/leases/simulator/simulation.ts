import { Chance } from './chance';
import { answer, call } from './call-steps';
import { changeAmount, commit, deliver, killSwitch, recall, reclaim } from './entitlement-steps';
import { crash, repeatAsks, setClock, stall, stop, suspend, sweep, wake } from './gateway-steps';
import { fold, land, logOut, rebuild } from './log-steps';
import type { ReachedCounts } from './reached';
import { forgetHolds, overspent } from './real-state';
import { type StepKind, settingOf } from './setting';
import { release, settle, settleAgain, settleLate, timeout } from './settle-steps';
import { stillStranded } from './unsold';
import { World } from './world';

/** What happens, and the seed of its chances: a step taken out leaves the others as they were. */
export type Step = readonly [StepKind, number];

export interface Run {
  readonly seed: number;
  readonly steps: readonly Step[];
}

export interface Outcome {
  /** Null, or what went wrong. */
  readonly wrong: string | null;
  /** How many steps were done. */
  readonly steps: number;
  readonly reached: ReachedCounts;
}

const STEPS: Record<StepKind, (world: World, chance: Chance) => void> = {
  call,
  answer,
  settle,
  settleLate,
  settleAgain,
  release,
  land,
  timeout,
  deliver: (world, chance) => {
    for (let n = chance.between(1, 12); n > 0; n--) deliver(world, chance);
  },
  commit,
  fold,
  pass,
  sweep,
  repeatAsks,
  reclaim,
  recall,
  wake,
  crash,
  stop,
  changeAmount,
  killSwitch,
  suspend,
  stall,
  setClock,
  logOut,
  rebuild,
};

/** What a seed alone decides: everything. */
export function runOf(seed: number, length: number): Run {
  const { weights } = settingOf(seed);
  const chance = new Chance(~seed);
  const steps = Array.from({ length }, (): Step => {
    return [chance.weighted(weights), Math.floor(chance.next() * 2 ** 32)];
  });
  return { seed, steps };
}

/** Does the steps, and checks the real state after every one of them (I3), and at its end I4. */
export function simulate({ seed, steps }: Run): Outcome {
  const world = new World(settingOf(seed), new Chance(seed + 1));
  const { reached } = world;
  for (const [index, [kind, roll]] of steps.entries()) {
    STEPS[kind](world, new Chance(roll));
    const wrong = world.wrong ?? overspent(world);
    if (wrong) return { wrong: `${kind}: ${wrong}`, steps: index + 1, reached };
  }
  return { wrong: stillStranded(world), steps: steps.length, reached };
}

function pass(world: World, chance: Chance): void {
  const [from, to] = chance.weighted([
    [60, [5, 80]],
    [6, [200, 800]],
    [0.8, [2_500, 6_000]],
    [0.1, [25_000, 40_000]],
  ] as const);
  world.passes(chance.between(from, to));
  forgetHolds(world);
}
