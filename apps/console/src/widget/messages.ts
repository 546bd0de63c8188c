import type { Limit } from './ask';

const numbers = new Intl.NumberFormat();

const THEN = {
  block: 'calls are refused',
  restrict: 'calls go to another model',
  throttle: 'calls have to wait',
} as const;

/** What a person needs to know of a limit: what is left, when it starts anew, what happens then. */
export function limitMessage(limit: Limit): string {
  const { amount, used, held, remaining, overage, onLimit } = limit;
  if (amount === 0) return 'Not part of your plan.';
  const whole = numbers.format(amount);
  const again = againWords(limit);
  if (used < amount) {
    const running = held > 0 ? `, ${numbers.format(held)} in use by running calls` : '';
    return `${numbers.format(remaining)} of ${whole} left${running}.${again}`;
  }
  if (onLimit === 'allow')
    return `${numbers.format(overage)} beyond the ${whole} included.${again}`;
  return `All ${whole} used: ${THEN[onLimit]}.${again}`;
}

/** In the limit's own zone. */
function againWords({ resetAt, timeZone }: Limit): string {
  if (resetAt === null) return '';
  const at = new Intl.DateTimeFormat(undefined, {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone,
  });
  return ` Starts anew ${at.format(new Date(resetAt))} (${timeZone}).`;
}
