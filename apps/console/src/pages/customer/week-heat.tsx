import { Paper, Text, Title, VisuallyHidden } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { usageQuery, type UsageRow, type UsageWanted } from '../../api/usage';
import { counted, fullNumber } from '../../ui/figures';
import { Answered } from '../../ui/states/answered';
import { useTimeZone } from '../../ui/time-zone';
import { busiest, HOURS, WEEKDAYS, weekHours } from './week-hours';
import classes from './week-heat.module.css';

const HOUR_MS = 3_600_000;
const WEEKS = 4;

interface WeekHeatProps {
  readonly customer: string;
  readonly unit: 'calls' | 'tokens';
}

/** At which hours of the week a customer uses how much, over the last four weeks. */
export function WeekHeat({ customer, unit }: WeekHeatProps) {
  const { timeZone } = useTimeZone();
  const used = useQuery(
    usageQuery(customer, ['hours of the week', timeZone], (now) => weeksBefore(now, timeZone)),
  );
  return (
    <Answered what="the hours of the week" query={used} scope="read">
      {({ data }) => <Heat report={data} unit={unit} timeZone={timeZone} />}
    </Answered>
  );
}

/** Whole hours, the present one not among them. */
function weeksBefore(now: number, timeZone: string): UsageWanted {
  const to = Math.floor(now / HOUR_MS) * HOUR_MS;
  const from = to - WEEKS * 7 * 24 * HOUR_MS;
  const iso = (at: number): string => new Date(at).toISOString();
  return { from: iso(from), to: iso(to), window: 'hour', timeZone };
}

interface HeatProps {
  readonly report: readonly UsageRow[];
  readonly unit: 'calls' | 'tokens';
  readonly timeZone: string;
}

function Heat({ report, unit, timeZone }: HeatProps) {
  const sums = weekHours(report, unit, timeZone);
  const most = busiest(sums);
  if (!most) return null;
  const { day, hour, sum } = most;
  return (
    <Paper withBorder p="md" component="section" aria-label="Hours of the week">
      <Title order={2} size="h4">
        Hours of the week
      </Title>
      <Text size="sm" className="tw-quiet" mb="sm">
        {`The last four weeks (${timeZone}): most on ${day} from ${clockOf(hour)}, `}
        {counted(sum, unit.slice(0, -1))}.
      </Text>
      <div className={classes.scroll} tabIndex={0} role="region" aria-label="Usage by hour">
        <table className={classes.heat}>
          <thead>
            <tr>
              <td />
              {HOURS.map((each) => (
                <th key={each} scope="col">
                  {each}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {WEEKDAYS.map((name, at) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {HOURS.map((each) => (
                  <Cell
                    key={each}
                    name={`${name} ${clockOf(each)}`}
                    sum={sums[at]?.[each] ?? 0}
                    most={sum}
                    unit={unit}
                  />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Paper>
  );
}

const clockOf = (hour: number): string => `${String(hour).padStart(2, '0')}:00`;

interface CellProps {
  readonly name: string;
  readonly sum: number;
  readonly most: number;
  readonly unit: string;
}

function Cell({ name, sum, most, unit }: CellProps) {
  const heat = sum === 0 ? 0 : 0.12 + 0.88 * (sum / most);
  return (
    <td title={`${name}: ${fullNumber(sum)} ${unit}`}>
      <span className={classes.cell} style={{ opacity: heat }} />
      <VisuallyHidden>{fullNumber(sum)}</VisuallyHidden>
    </td>
  );
}
