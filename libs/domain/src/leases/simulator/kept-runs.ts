import { nothingReached } from './reached';
import { shrink } from './shrink';
import { type Outcome, type Run, simulate } from './simulation';

/** A run that failed once, with what went wrong then. */
export interface KeptRun extends Run {
  readonly wrong: string;
}

/** Later runs replay them first; the oldest make room. */
const MAX_KEPT = 50;

/** The shortest run found that fails like it. */
export function shortest(failed: Run): KeptRun {
  const short = shrink(failed, (run) => {
    const { wrong, steps } = tried(run);
    return wrong === null ? null : steps;
  });
  return { ...short, wrong: tried(short).wrong ?? 'it does not fail' };
}

export function keep(kept: readonly KeptRun[], one: KeptRun): KeptRun[] {
  const steps = JSON.stringify(one.steps);
  const others = kept.filter((other) => JSON.stringify(other.steps) !== steps);
  return [...others, one].slice(-MAX_KEPT);
}

/** A run that throws has failed too. */
export function tried(run: Run): Outcome {
  try {
    return simulate(run);
  } catch (thrown) {
    return { wrong: String(thrown), steps: run.steps.length, reached: nothingReached() };
  }
}
