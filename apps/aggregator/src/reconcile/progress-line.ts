import type { Progress } from './reconcile';

const TELL_AFTER_MS = 2_000;
const TELL_EVERY_MS = 1_000;

/** Tells on standard error how far the work is, once it has taken longer than two seconds. */
export function progressLine(now: () => number = Date.now): Progress {
  let next = now() + TELL_AFTER_MS;
  return (step, done, of) => {
    if (now() < next) return;
    next = now() + TELL_EVERY_MS;
    const what =
      step === 'waiting'
        ? `waiting for the folds: ${done} of ${of} partitions`
        : `comparing: ${done.toLocaleString('en-US')} of ${of.toLocaleString('en-US')} entries`;
    process.stderr.write(`${what}\n`);
  };
}
