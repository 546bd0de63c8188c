import type { Told } from './rebuild-warehouse';

const TELL_AFTER_MS = 2_000;
const TELL_EVERY_MS = 1_000;

/** Tells on standard error how far the rebuild is, once it has taken longer than two seconds. */
export function progressLine(now: () => number = Date.now): Told {
  let next = now() + TELL_AFTER_MS;
  return (step, done, of) => {
    if (now() < next) return;
    next = now() + TELL_EVERY_MS;
    process.stderr.write(`${step}: ${done} of ${of} entries\n`);
  };
}
