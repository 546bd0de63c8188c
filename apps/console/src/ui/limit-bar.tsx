import type { LimitState } from '@tallyward/contracts';
import { fullness } from './colours';
import { fullNumber, percent } from './figures';
import classes from './limit-bar.module.css';

interface LimitBarProps {
  readonly limit: Pick<LimitState, 'used' | 'held' | 'amount'>;
  /** How much of the window has gone by, 0 … 1: a mark on the bar. */
  readonly elapsed?: number | null;
  readonly isThin?: boolean;
}

const width = (part: number, whole: number): string =>
  `${(Math.min(1, part / whole) * 100).toFixed(2)}%`;

/** Used, held by running calls, and what is left of one limit. */
export function LimitBar({ limit, elapsed = null, isThin = false }: LimitBarProps) {
  const { used, held, amount } = limit;
  const whole = Math.max(amount, used + held, 1);
  const words = `${fullNumber(used)} of ${fullNumber(amount)} used (${percent(used, amount)})${
    held > 0 ? `, ${fullNumber(held)} in use by running calls` : ''
  }`;
  return (
    <div className={classes.whole} role="img" aria-label={words} title={words}>
      <div className={`${classes.track} ${isThin ? classes.thin : ''}`}>
        <span style={{ width: width(used, whole), background: `var(--tw-${fullness(limit)})` }} />
        <span className={classes.held} style={{ width: width(held, whole) }} />
      </div>
      {elapsed !== null && (
        <span className={classes.now} style={{ left: width(elapsed, 1) }} aria-hidden />
      )}
    </div>
  );
}
