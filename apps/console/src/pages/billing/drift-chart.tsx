import type { DriftedHour } from '@tallyward/contracts';
import { useQuery } from '@tanstack/react-query';
import { Chart, type ChartRow } from '../../ui/chart/chart';
import { counted, fullNumber } from '../../ui/figures';
import { Answered } from '../../ui/states/answered';
import { Empty } from '../../ui/states/empty';
import { useTimeAxis } from '../../ui/time-axis';
import { DRIFT_HOURS, driftQuery } from './billing-queries';

const HOUR_MS = 3_600_000;
const HEIGHT_PX = 180;

const SERIES = [
  { key: 'tokens', label: 'Largest difference, tokens', colour: 'var(--tw-block)', kind: 'line' },
  { key: 'calls', label: 'Largest difference, calls', colour: 'var(--tw-throttle)', kind: 'line' },
] as const;

/** How far log, totals, ClickHouse and bills were apart, hour by hour. It stands at zero. */
export function DriftChart() {
  const drift = useQuery(driftQuery);
  const axis = useTimeAxis(HOUR_MS);
  return (
    <Answered what="drift" query={drift} scope="read">
      {(hours) =>
        hours.length === 0 ? (
          <Empty
            title="The sides were not compared yet"
            next="They are compared every five minutes from the first usage on; the table below compares now."
          />
        ) : (
          <Chart
            title="Drift between log, totals, ClickHouse and bills"
            summary={summaryOf(hours)}
            height={HEIGHT_PX}
            rows={charted(hours)}
            series={SERIES}
            unit=""
            {...axis}
          />
        )
      }
    </Answered>
  );
}

/** An hour without a look breaks the line: nobody knows. */
function charted(hours: readonly DriftedHour[]): ChartRow[] {
  const rows: ChartRow[] = [];
  for (const { hour, drift } of hours) {
    const x = Date.parse(hour);
    const last = rows.at(-1)?.x;
    if (typeof last === 'number' && x - last > HOUR_MS) {
      rows.push({ x: last + HOUR_MS, tokens: null, calls: null });
    }
    rows.push({ x, tokens: drift.tokens, calls: drift.calls });
  }
  return rows;
}

function summaryOf(hours: readonly DriftedHour[]): string {
  const looks = hours.reduce((sum, hour) => sum + hour.looks, 0);
  const most = Math.max(...hours.map(({ customers }) => customers));
  const looked = `${counted(looks, 'look')} at up to ${counted(most, 'customer')}`;
  const bad = hours.filter(({ unequal }) => unequal > 0);
  const worst = Math.max(...hours.map(({ unequal }) => unequal));
  const within = `in ${counted(hours.length, 'hour')} of the last ${DRIFT_HOURS}`;
  if (bad.length === 0) return `Zero: ${looked} ${within} found every one of them equal.`;
  const found = `${looked} ${within} found up to ${fullNumber(worst)} unequal`;
  const last = hours.at(-1)?.unequal === 0 ? ' The last hour is at zero again.' : '';
  return `Not zero in ${counted(bad.length, 'hour')}: ${found}.${last}`;
}
