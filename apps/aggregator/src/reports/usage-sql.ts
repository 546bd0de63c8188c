import { MAX_REPORT_ROWS, REPORT_GROUPINGS, TAG_GROUPING_PREFIX } from '@tallyward/contracts';
import { UNITS } from '@tallyward/domain';
import { QUARTER_COLUMN, UNIT_COLUMNS } from '../storage/clickhouse/columns';
import { USAGE_EVENTS } from '../storage/clickhouse/usage-events.table';
import type { Stretch, UsagePlan } from './usage-plan';

/** A statement and its bound parameters. */
export interface Statement {
  readonly query: string;
  readonly params: Readonly<Record<string, string | number>>;
}

/** Whose usage: `customer` null means all of the project's. */
export interface ReportScope {
  readonly project: string;
  readonly customer: string | null;
}

/** Sums in the order of the domain's units. */
const SUMS = UNITS.map((unit) => `sum(${UNIT_COLUMNS[unit]})`);

/**
 * One row per window and group that has usage: window number, the groups' values, the sums. Windows
 * are found by rounding down to their starts, so ClickHouse's own time zones play no part.
 */
export function usageStatement(scope: ReportScope, plan: UsagePlan): Statement {
  const params: Record<string, string | number> = { project: scope.project };
  if (scope.customer !== null) params['customer'] = scope.customer;
  const groups = plan.groupBy.map((name, i) => groupExpression(name, i, params));
  const stretches = plan.stretches.map((stretch, i) =>
    stretchQuery(scope, plan, stretch, { i, groups, params }),
  );
  const names = groups.map((_, i) => `g${i}`);
  const sums = SUMS.map((_, i) => `sum(s${i})`);
  const keys = ['w', ...names].join(', ');
  const query = `SELECT ${[keys, ...sums].join(', ')}
FROM (${stretches.join('\nUNION ALL\n')})
GROUP BY ${keys} ORDER BY ${keys} LIMIT ${MAX_REPORT_ROWS + 1}`;
  return { query, params };
}

function groupExpression(
  name: string,
  index: number,
  params: Record<string, string | number>,
): string {
  const column = Object.entries(REPORT_GROUPINGS).find(([known]) => known === name)?.[1];
  if (column !== undefined) return `\`${column}\``;
  params[`tag${index}`] = name.slice(TAG_GROUPING_PREFIX.length);
  return `tags[{tag${index}:String}]`;
}

interface StretchContext {
  readonly i: number;
  readonly groups: readonly string[];
  readonly params: Record<string, string | number>;
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
  const starts = plan.windows.map((window) => Math.floor(window.from / 1000));
  const columns = [
    `roundDown(toUnixTimestamp(${at}), [${starts.join(',')}]) AS w`,
    ...groups.map((expression, g) => `${expression} AS g${g}`),
    ...SUMS.map((sum, s) => `${sum} AS s${s}`),
  ];
  const where = [
    'project = {project:String}',
    ...(scope.customer === null ? [] : ['customer = {customer:String}']),
    `${at} >= ${bound(`from${i}`)}`,
    `${at} < ${bound(`to${i}`)}`,
  ];
  const keys = ['w', ...groups.map((_, g) => `g${g}`)];
  return `SELECT ${columns.join(', ')} FROM ${USAGE_EVENTS}
WHERE ${where.join(' AND ')} GROUP BY ${keys.join(', ')}`;
}
