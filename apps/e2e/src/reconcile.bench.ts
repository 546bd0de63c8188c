import {
  assertEqual,
  digits,
  rateText,
  spreadOf,
  type Bench,
  type BenchRun,
  type Figure,
} from '@tallyward/testing';
import { type Reconciled, reconciled, sendAll } from './bench-stack.builder';
import { Stack } from './stack.builder';

const EVENTS = 200_000;
const QUICK_EVENTS = 2_000;
const ROUNDS = 5;
const FOLDED_WITHIN_MS = 240_000;

export const benches: readonly Bench[] = [
  {
    name: 'reconcile',
    about: 'the log against totals and warehouse, by the command: events a second, memory',
    async run(run) {
      return [await measure(run, await Stack.on(await run.bed()))];
    },
  },
];

async function measure(run: BenchRun, stack: Stack): Promise<Figure> {
  const events = run.quick ? QUICK_EVENTS : EVENTS;
  await sendAll(stack, { run: 'audit', events, tell: run.tell });
  await stack.bed.drained(FOLDED_WITHIN_MS);
  const rounds: Reconciled[] = [];
  for (let round = 0; round <= (run.quick ? 1 : ROUNDS); round += 1) {
    const done = await reconciled(run, stack);
    assertEqual('events compared', done.events, events);
    if (round > 0) rounds.push(done);
  }
  const rates = spreadOf(rounds.map(({ seconds }) => events / seconds));
  const memory = Math.max(...rounds.map(({ residentBytes }) => residentBytes));
  return {
    what: `${digits(events)} events, the command's start included`,
    ours: rateText(rates),
    against: `${digits(memory / 1e6)} MB resident at most`,
    numbers: { perSecond: rates.median, residentBytes: memory },
  };
}
