import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keep, type KeptRun, shortest, tried } from './kept-runs';
import { nothingReached, REACHED, REACHED_AT_LEAST, REACHED_TOO } from './reached';
import { type Outcome, type Run, runOf } from './simulation';

/** What `npm test` runs: about half a minute on one core. */
const SEEDS = 450;
const STEPS = 4_000;
/** Shorter runs, each with one crash more: after its first step, after its second … */
const CRASHED_SEEDS = 3;
const CRASHED_STEPS = 400;
/** On a machine that is busy with other things. */
const DEADLINE_MS = 10 * 60_000;
/** On demand: other seeds for so long, e.g. 60. */
const MINUTES = Number(process.env.TALLYWARD_SIMULATE_MINUTES ?? 0);
/** Where those start, to see a run of them again. */
const FIRST_SEED = Number(process.env.TALLYWARD_SIMULATE_SEED ?? Date.now() % 1_000_000_000);
const KEPT = join(__dirname, 'kept-runs.json');

let kept = JSON.parse(readFileSync(KEPT, 'utf8')) as KeptRun[];
const reached = nothingReached();
let steps = 0;

function check(run: Run): void {
  const outcome = tried(run);
  if (outcome.wrong !== null) throw new Error(report(run, outcome));
  steps += outcome.steps;
  for (const what of [...REACHED, ...REACHED_TOO]) reached[what] += outcome.reached[what];
}

function report(run: Run, { wrong, steps: step }: Outcome): string {
  const short = shortest(run);
  kept = keep(kept, short);
  writeFileSync(KEPT, `${JSON.stringify(kept)}\n`);
  const found = `seed ${run.seed}, step ${step}: ${wrong}`;
  const fewest = short.steps.map(([kind]) => kind).join(' ');
  return `${found}\n${short.steps.length} steps suffice (kept): ${short.wrong}\n${fewest}`;
}

function print(): void {
  const counts = Object.entries(reached).map(
    ([what, times]) => `${String(times).padStart(9)} ${what}`,
  );
  process.stdout.write(`${steps} steps of 3 gateways, checked one by one:\n${counts.join('\n')}\n`);
}

describe('leases under crashes, lost messages, wrong clocks and stalls', () => {
  it('are not over in any run that failed once', () => {
    for (const run of kept) expect([run.seed, tried(run).wrong]).toEqual([run.seed, null]);
  });

  it(
    'are never over (I3), and what is left unsold can be sold again (I4)',
    () => {
      for (let seed = 1; seed <= SEEDS; seed++) check(runOf(seed, STEPS));
    },
    DEADLINE_MS,
  );

  it(
    'survive the crash of a gateway after every single step of a run',
    () => {
      for (let seed = 1; seed <= CRASHED_SEEDS; seed++) {
        const { steps: all } = runOf(seed, CRASHED_STEPS);
        for (let at = 1; at <= CRASHED_STEPS; at++) {
          check({ seed, steps: [...all.slice(0, at), ['crash', at], ...all.slice(at)] });
        }
      }
    },
    DEADLINE_MS,
  );

  it(
    'are never over in further runs, for as long as is asked for',
    () => {
      const until = Date.now() + MINUTES * 60_000;
      if (MINUTES > 0) process.stdout.write(`seeds from ${FIRST_SEED}\n`);
      for (let seed = FIRST_SEED; Date.now() < until; seed++) check(runOf(seed, STEPS));
    },
    (MINUTES + 1) * 60_000,
  );

  it(`meet each rare thing ${REACHED_AT_LEAST} times at least`, () => {
    print();
    const rarely = REACHED.filter((what) => reached[what] < REACHED_AT_LEAST);
    expect(rarely).toEqual([]);
  });
});
