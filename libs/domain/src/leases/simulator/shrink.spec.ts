import { shrink } from './shrink';
import { type Run, runOf, simulate } from './simulation';

const kinds = ({ steps }: Run): string[] => steps.map(([kind]) => kind);

it('finds the few steps that a failure needs among thousands', () => {
  const failsAt = (run: Run): number | null => {
    const crash = kinds(run).indexOf('crash');
    const reclaim = kinds(run).indexOf('reclaim', crash + 1);
    return crash < 0 || reclaim < 0 ? null : reclaim + 1;
  };
  const seed = [...Array(99).keys()].find((n) => failsAt(runOf(n, 3_000)) !== null) ?? 0;
  expect(kinds(shrink(runOf(seed, 3_000), failsAt))).toEqual(['crash', 'reclaim']);
});

it('leaves a run that does not fail as it is', () => {
  const run = runOf(1, 50);
  expect(shrink(run, () => null)).toBe(run);
});

it('one seed is one run, and steps that are taken out leave the others as they were', () => {
  expect(simulate(runOf(7, 2_000))).toEqual(simulate(runOf(7, 2_000)));
  const run = runOf(7, 500);
  const idle = run.steps.filter(([kind]) => kind !== 'wake');
  expect(simulate({ ...run, steps: idle }).wrong).toBeNull();
});
