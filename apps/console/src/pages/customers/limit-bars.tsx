import { Group, Text } from '@mantine/core';
import type { LimitState } from '@tallyward/contracts';
import { fullness } from '../../ui/colours';
import { percent } from '../../ui/figures';
import { LimitBar } from '../../ui/limit-bar';
import { groupWords, limitId, UNIT_WORDS, windowWords } from '../../ui/words';
import classes from './limit-bars.module.css';

/** Bars of one row; the fullest come first, and the customer's own page has them all. */
const MOST_BARS = 4;

export function LimitBars({ limits }: { limits: readonly LimitState[] | undefined }) {
  if (!limits) return <span className="tw-quiet">–</span>;
  const shown = [...limits]
    .filter((limit) => fullness(limit) !== 'off')
    .sort((one, other) => share(other) - share(one))
    .slice(0, MOST_BARS);
  if (shown.length === 0)
    return <span className="tw-quiet">nothing is limited but what is off</span>;
  return (
    <div className={classes.bars}>
      {shown.map((limit) => (
        <div key={limitId(limit) + limit.scopeValue} title={windowWords(limit.window)}>
          <Group justify="space-between" gap={4} wrap="nowrap">
            <Text size="xs" truncate>
              {groupWords(limit.modelGroup)} {UNIT_WORDS[limit.unit]}
            </Text>
            <Text size="xs" className="tw-number">
              {percent(limit.used, limit.amount)}
            </Text>
          </Group>
          <LimitBar limit={limit} isThin />
        </div>
      ))}
    </div>
  );
}

export const share = ({ used, amount }: Pick<LimitState, 'used' | 'amount'>): number =>
  amount === 0 ? (used > 0 ? Infinity : 0) : used / amount;
