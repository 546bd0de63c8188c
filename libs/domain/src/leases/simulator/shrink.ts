import type { Run } from './simulation';

/** Runs tried for one shrink, at most. */
const MAX_TRIES = 1_500;

/**
 * The fewest steps found with which a run still fails: pieces are taken out, large ones first, for
 * as long as it helps. `fails` answers how many steps it took, or null.
 */
export function shrink(run: Run, fails: (run: Run) => number | null): Run {
  let tries = 0;
  const cut = ({ seed, steps }: Run): Run | null => {
    tries += 1;
    const length = fails({ seed, steps });
    return length === null ? null : { seed, steps: steps.slice(0, length) };
  };
  let best = cut(run) ?? run;
  for (let size = best.steps.length >> 1; size > 0 && tries < MAX_TRIES;) {
    const before = best.steps.length;
    for (let at = 0; at < best.steps.length && tries < MAX_TRIES;) {
      const steps = [...best.steps.slice(0, at), ...best.steps.slice(at + size)];
      const shorter = cut({ seed: best.seed, steps });
      if (shorter) best = shorter;
      else at += size;
    }
    if (size > 1) size >>= 1;
    else if (best.steps.length === before) break;
  }
  return best;
}
