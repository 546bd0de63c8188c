import { Paper, Text } from '@mantine/core';
import type { LimitState } from '@tallyward/contracts';
import { useQuery } from '@tanstack/react-query';
import { usageQuery } from '../../api/usage';
import { Chart } from '../../ui/chart/chart';
import { fullNumber, percent } from '../../ui/figures';
import { dateAndTime, exactly, tick } from '../../ui/instants';
import { Answered } from '../../ui/states/answered';
import { useTimeZone } from '../../ui/time-zone';
import { UNIT_WORDS } from '../../ui/unit-words';
import { limitWords } from '../../ui/words';
import { burnUp, spanOf, stepOf, type BurnUp, type WindowSpan } from './burn-up';

interface BurnUpChartProps {
  readonly customer: string;
  readonly limit: LimitState;
  readonly asOf: string;
}

/** Use since the window began, against its amount, and where the pace so far leads. */
export function BurnUpChart({ customer, limit, asOf }: BurnUpChartProps) {
  const window = spanOf(limit);
  if (!window || limit.window === 'minute') {
    return (
      <Paper withBorder p="md">
        <Text className="tw-quiet">
          {limitWords(limit)}: its window is too short, or has no end, to draw how it fills.
        </Text>
      </Paper>
    );
  }
  return <Drawn customer={customer} limit={limit} asOf={asOf} window={window} />;
}

function Drawn({ customer, limit, asOf, window }: BurnUpChartProps & { window: WindowSpan }) {
  const { timeZone } = useTimeZone();
  const groupBy = limit.scope === 'customer' ? 'modelGroup' : `modelGroup,${limit.scope}`;
  const wanted = {
    from: new Date(window.from).toISOString(),
    to: new Date(window.to).toISOString(),
    window: stepOf(window),
    timeZone: limit.timeZone,
    groupBy,
  };
  const usage = useQuery(usageQuery(customer, ['burn-up', wanted], () => wanted));
  return (
    <Answered what="usage" query={usage} scope="read">
      {({ data }) => {
        const drawn = burnUp(data, limit, window, Date.parse(asOf));
        const isShort = stepOf(window) !== 'day';
        return (
          <Chart
            title={`Burn-up: ${limitWords(limit)}`}
            summary={summaryOf(drawn, limit, window, timeZone)}
            rows={drawn.points.map(({ at, used, projected }) => ({ x: at, used, projected }))}
            series={[
              { key: 'used', label: 'Used', colour: 'var(--tw-fine)', kind: 'area' },
              { key: 'projected', label: 'At this pace', colour: 'var(--tw-near)', kind: 'dashed' },
            ]}
            xLabel={`Until (${timeZone})`}
            writeX={(x) => tick(x, timeZone, isShort ? 0 : Infinity)}
            unit={UNIT_WORDS[limit.unit]}
            mark={{ y: limit.amount, label: `amount: ${fullNumber(limit.amount)}` }}
          />
        );
      }}
    </Answered>
  );
}

/** The chart in words, each number in full. */
function summaryOf(
  { used, atEnd, meetsAt }: BurnUp,
  limit: LimitState,
  window: WindowSpan,
  timeZone: string,
): string {
  const { amount, unit } = limit;
  const unitWords = UNIT_WORDS[unit];
  const so = `${fullNumber(used)} of ${fullNumber(amount)} ${unitWords} (${percent(used, amount)}) since ${dateAndTime(window.from, timeZone)}.`;
  // A replenishment, or a tier that began from zero, lets earlier use not count.
  const counts =
    limit.used === used
      ? ''
      : ` The limit counts ${fullNumber(limit.used)} of them: the rest was given back, or is newer than it has read.`;
  if (amount > 0 && used >= amount) {
    const isOverage = limit.onLimit === 'allow';
    return `${so}${counts} ${isOverage ? 'Calls go on as overage.' : 'It is used up.'}`;
  }
  const pace = meetsAt
    ? ` At this pace it is used up ${exactly(meetsAt, timeZone)}.`
    : ` At this pace it ends at ${fullNumber(atEnd)} (${percent(atEnd, amount)}).`;
  return so + counts + (used > 0 ? pace : '');
}
