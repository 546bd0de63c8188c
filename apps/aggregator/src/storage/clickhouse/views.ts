import {
  DIMENSIONS,
  EVENT_COLUMNS,
  FIRST_COLUMNS,
  QUARTER_COLUMN,
  UNIT_SUMS,
  type WarehouseColumn,
} from './columns';
import { isLeft, quoted, USAGE_EVENTS } from './usage-events.table';

const WINDOW_TYPE = "DateTime64(3, 'UTC')";
const MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
type ViewWindow = keyof typeof MS | 'month';

/** The start of the UTC window that an instant lies in; in whole numbers, so no year overflows. */
function startOf(window: ViewWindow, instant: string): string {
  if (window === 'month') {
    const date = `toDate32(${instant})`;
    return `toDateTime64(addDays(${date}, 1 - toDayOfMonth(${date})), 3, 'UTC')`;
  }
  const ms = MS[window];
  return `fromUnixTimestamp64Milli(intDiv(toUnixTimestamp64Milli(${instant}), ${ms}) * ${ms}, 'UTC')`;
}

/** The windows of the views; all but minutes are read from the projections. */
export const VIEW_WINDOWS: readonly ViewWindow[] = ['minute', 'hour', 'day', 'month'];

export const windowViewOf = (window: ViewWindow): string => `usage_per_${window}_v1`;

/** The public views as they were before there were voids. */
export function createFirstViews(): string[] {
  const columns = FIRST_COLUMNS.filter(({ name }) => EVENT_NAMES.includes(name));
  const all = `${createView('usage_events_v1', columns)}
AS SELECT ${EVENT_LIST} FROM ${USAGE_EVENTS}`;
  return [all, ...VIEW_WINDOWS.map((window) => windowView(window, 'UInt64', ''))];
}

/** The public views: the contract, made anew when their definition changes. */
export function createViews(): string[] {
  const isThere = ' HAVING sum(e.calls) > 0';
  return [eventsView(), ...VIEW_WINDOWS.map((window) => windowView(window, 'Int64', isThere))];
}

const EVENT_NAMES = EVENT_COLUMNS.map(({ name }) => name);
const EVENT_LIST = EVENT_NAMES.map(quoted).join(', ');

function eventsView(): string {
  return `${createView('usage_events_v1', EVENT_COLUMNS)}
AS SELECT ${EVENT_LIST} FROM ${USAGE_EVENTS} AS e WHERE ${isLeft('e')}`;
}

/** `sumType`: of the sums; `having`: which windows are left. */
function windowView(window: ViewWindow, sumType: string, having: string): string {
  const start: WarehouseColumn = {
    name: 'window_start',
    type: WINDOW_TYPE,
    comment: `Start of the ${window} (UTC)`,
  };
  const sums = UNIT_SUMS.map((unit) => ({ ...unit, type: sumType }));
  const keys = DIMENSIONS.map(({ name }) => quoted(name)).join(', ');
  const of = startOf(window, window === 'minute' ? 'time' : QUARTER_COLUMN);
  // A unit's sum has its unit's name: the table is aliased so that sum() takes the column.
  const summed = UNIT_SUMS.map(({ name }) => `sum(e.${name}) AS ${name}`).join(', ');
  return `${createView(windowViewOf(window), [...DIMENSIONS, start, ...sums])}
AS SELECT ${keys}, ${of} AS window_start, ${summed}
FROM ${USAGE_EVENTS} AS e GROUP BY ${keys}, window_start${having}`;
}

export function createView(name: string, columns: readonly WarehouseColumn[]): string {
  const declared = columns.map(
    ({ name: column, type, comment }) =>
      `  ${quoted(column)} ${type} COMMENT '${comment.replaceAll("'", "\\'")}'`,
  );
  return `CREATE OR REPLACE VIEW ${name} (\n${declared.join(',\n')}\n)`;
}
