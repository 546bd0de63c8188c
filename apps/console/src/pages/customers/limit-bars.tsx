import type { LimitState } from '@tallyward/contracts';
import { percent } from '../../ui/figures';
import { LimitBar } from '../../ui/limit-bar';
import { UNIT_WORDS } from '../../ui/unit-words';
import { groupWords, limitId, windowWords } from '../../ui/words';
import { byFullness } from './by-fullness';
import classes from './limit-bars.module.css';

/** Bars of one row; the fullest come first, and the customer's own page has them all. */
const MOST_BARS = 4;

/** Plain elements: a list draws hundreds of them while it is scrolled. */
export function LimitBars({ limits }: { limits: readonly LimitState[] | undefined }) {
  if (!limits) return <span className="tw-quiet">–</span>;
  const shown = byFullness(limits).slice(0, MOST_BARS);
  if (shown.length === 0)
    return <span className="tw-quiet">nothing is limited but what is off</span>;
  return (
    <div className={classes.bars}>
      {shown.map((limit) => (
        <div key={limitId(limit) + limit.scopeValue} title={windowWords(limit.window)}>
          <div className={classes.words}>
            <span>
              {groupWords(limit.modelGroup)} {UNIT_WORDS[limit.unit]}
            </span>
            <span className="tw-number">{percent(limit.used, limit.amount)}</span>
          </div>
          <LimitBar limit={limit} isThin />
        </div>
      ))}
    </div>
  );
}
