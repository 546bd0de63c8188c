import type { Progress } from './rebuild-totals';

const TELL_AFTER_MS = 2_000;
const TELL_EVERY_MS = 1_000;

/** Tells on standard error how far the work is, once it has taken longer than two seconds. */
export function progressLine(now: () => number = Date.now): Progress {
  let next = now() + TELL_AFTER_MS;
  return (done, of) => {
    if (now() < next) return;
    next = now() + TELL_EVERY_MS;
    const [some, all] = [done, of].map((entries) => entries.toLocaleString('en-US'));
    process.stderr.write(`folded ${some} of ${all} entries\n`);
  };
}
