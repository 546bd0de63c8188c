import { MAX_REPORT_ROWS, REPORT_GROUPINGS, TAG_GROUPING_PREFIX } from '@tallyward/contracts';
import { UNITS, type Span } from '@tallyward/domain';
import { QUARTER_COLUMN, UNIT_COLUMNS } from '../storage/clickhouse/columns';
import { USAGE_EVENTS } from '../storage/clickhouse/usage-events.table';
import type { Stretch, UsagePlan } from './usage-plan';

type Params = Record<string, string | number | readonly string[]>;

/** A statement, its bound parameters, and settings that suit what it reads. */
export interface Statement {
  readonly query: string;
  readonly params: Params;
  readonly settings: Readonly<Record<string, string | number>>;
}

/**
 * One customer's quarters are some thousand rows: more threads, or a filter that runs ahead of the
 * other columns, cost more processor time there than they save.
 */
const FEW_ROWS = { max_threads: 1, optimize_move_to_prewhere: 0 };

/** Whose usage: `customer` null means all of the project's. */
export interface ReportScope {
  readonly project: string;
  readonly customer: string | null;
  /** Of all of them, these alone; left out: nobody is left out. */
  readonly among?: readonly string[] | undefined;
}

/** Sums in the order of the domain's units. */
const SUMS = UNITS.map((unit) => `sum(${UNIT_COLUMNS[unit]})`);

/** What was voided to the last call is as if it had never been; SUMS begin with the calls. */
const IS_LEFT = 's0 > 0';

/**
 * One row per window and group that has usage: window number, the groups' values, the sums. Windows
 * are found by their starts, so ClickHouse's own time zones play no part.
 */
export function usageStatement(scope: ReportScope, plan: UsagePlan): Statement {
  const params: Params = { project: scope.project };
  if (scope.customer !== null) params['customer'] = scope.customer;
  if (scope.among !== undefined) params['among'] = scope.among;
  const groups = plan.groupBy.map((name, i) => groupExpression(name, i, params));
  const stretches = plan.stretches.map((stretch, i) =>
    stretchQuery(scope, plan, stretch, { i, groups, params }),
  );
  const keys = ['w', ...groups.map((_, i) => `g${i}`)].join(', ');
  const ordered = `ORDER BY ${keys} LIMIT ${MAX_REPORT_ROWS + 1}`;
  const hasFewRows = scope.customer !== null && plan.stretches.every(isQuarters);
  const settings = hasFewRows ? FEW_ROWS : {};
  const [only, ...others] = stretches;
  if (only !== undefined && others.length === 0) {
    return { query: `${only} ${ordered}`, params, settings };
  }
  const sums = SUMS.map((_, i) => `sum(s${i})`);
  const query = `SELECT ${[keys, ...sums].join(', ')}
FROM (${stretches.join('\nUNION ALL\n')})
GROUP BY ${keys} ${ordered}`;
  return { query, params, settings };
}

const isQuarters = ({ grain }: Stretch): boolean => grain === 'quarter';

export interface EvenWindows {
  /** Seconds; the windows start at `zero` + n × `step`, but for a first one that is cut. */
  readonly zero: number;
  readonly step: number;
}

/** Undefined where the windows are too few or not all of one length. */
export function evenWindows(windows: readonly Span[]): EvenWindows | undefined {
  const starts = windows.map(startOf);
  const [first, second, third] = starts;
  if (first === undefined || second === undefined || third === undefined) return undefined;
  const step = third - second;
  const zero = second - step;
  // An instant of a longer last window would be taken for one behind it.
  const lastLength = (windows.at(-1)?.to ?? 0) / 1_000 - (starts.at(-1) ?? 0);
  const isEven = starts.every((start, i) => i === 0 || start === zero + i * step);
  return isEven && first >= zero && lastLength <= step ? { zero, step } : undefined;
}

const startOf = (window: Span): number => Math.floor(window.from / 1_000);

/**
 * The start (s) of the window that an instant of the span lies in: by arithmetic where that will
 * do, else by rounding down to a list of them, which costs the engine milliseconds to read.
 */
export function windowStart(windows: readonly Span[], at: string): string {
  const seconds = `toUnixTimestamp(${at})`;
  const even = evenWindows(windows);
  const starts = windows.map(startOf);
  if (!even) return `roundDown(${seconds}, [${starts.join(',')}])`;
  const { zero, step } = even;
  return `greatest(${starts[0]}, intDiv(${seconds} - ${zero}, ${step}) * ${step} + ${zero})`;
}

function groupExpression(name: string, index: number, params: Params): string {
  const column = Object.entries(REPORT_GROUPINGS).find(([known]) => known === name)?.[1];
  if (column !== undefined) return `\`${column}\``;
  params[`tag${index}`] = name.slice(TAG_GROUPING_PREFIX.length);
  return `tags[{tag${index}:String}]`;
}

interface StretchContext {
  readonly i: number;
  readonly groups: readonly string[];
  readonly params: Params;
}

function stretchQuery(
  scope: ReportScope,
  plan: UsagePlan,
  stretch: Stretch,
  { i, groups, params }: StretchContext,
): string {
  const at = stretch.grain === 'quarter' ? QUARTER_COLUMN : 'time';
  const bound = (name: string): string => `fromUnixTimestamp64Milli({${name}:Int64}, 'UTC')`;
  params[`from${i}`] = stretch.from;
  params[`to${i}`] = stretch.to;
  const columns = [
    `${windowStart(plan.windows, at)} AS w`,
    ...groups.map((expression, g) => `${expression} AS g${g}`),
    ...SUMS.map((sum, s) => `${sum} AS s${s}`),
  ];
  const where = [
    'project = {project:String}',
    ...(scope.customer === null ? [] : ['customer = {customer:String}']),
    ...(scope.among === undefined ? [] : ['customer IN {among:Array(String)}']),
    `${at} >= ${bound(`from${i}`)}`,
    `${at} < ${bound(`to${i}`)}`,
  ];
  const keys = ['w', ...groups.map((_, g) => `g${g}`)];
  return `SELECT ${columns.join(', ')} FROM ${USAGE_EVENTS}
WHERE ${where.join(' AND ')} GROUP BY ${keys.join(', ')} HAVING ${IS_LEFT}`;
}
