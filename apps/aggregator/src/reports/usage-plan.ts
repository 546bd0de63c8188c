import { MAX_REPORT_ROWS, REPORT_GROUPINGS, type UsageQuery } from '@tallyward/contracts';
import { QUARTER_MS, REPORT_WINDOWS, windowsOver, type Span } from '@tallyward/domain';

/** A stretch of a report and the grain it is read at: totals by the quarter, or events. */
export interface Stretch extends Span {
  readonly grain: 'quarter' | 'event';
}

export interface UsagePlan {
  readonly span: Span;
  readonly windows: readonly Span[];
  readonly groupBy: readonly string[];
  readonly stretches: readonly Stretch[];
}

export type Planned = { readonly kind: 'plan'; readonly plan: UsagePlan } | Refused;

export type Refused =
  | { readonly kind: 'invalid'; readonly parameter: string; readonly detail: string }
  | { readonly kind: 'too-many-rows'; readonly detail: string };

/** ClickHouse's seconds are 32 bits: what lies outside holds no usage. */
const EARLIEST = 0;
const LATEST = Date.parse('2100-01-01T00:00:00Z');

/**
 * What a usage query asks for, cut into windows and into stretches that the rollup can answer;
 * `zone`: the project's.
 */
export function planUsage(query: UsageQuery, overCustomers: boolean, zone: string): Planned {
  const span = { from: Date.parse(query.from), to: Date.parse(query.to) };
  const fault = faultOf(query, span, overCustomers);
  if (fault) return fault;
  const groupBy = [...new Set(query.groupBy ?? [])];
  const { window, timeZone = zone } = query;
  const cut = windowsOver(span, window, timeZone, MAX_REPORT_ROWS);
  if (cut.kind === 'too-many') return tooManyRows(window, span);
  return {
    kind: 'plan',
    plan: { span, windows: cut.spans, groupBy, stretches: stretchesOf(span, window, groupBy) },
  };
}

function faultOf(query: UsageQuery, span: Span, overCustomers: boolean): Refused | undefined {
  const invalid = (parameter: string, detail: string): Refused => {
    return { kind: 'invalid', parameter, detail };
  };
  if (span.from < EARLIEST) return invalid('from', 'must not lie before 1970');
  if (span.to > LATEST) return invalid('to', 'must not lie after 2100');
  if (span.from >= span.to) return invalid('to', 'must lie after from');
  if (!overCustomers && query.groupBy?.includes('customer')) {
    return invalid('groupBy', 'customer can be asked for over all customers, at /v1/usage');
  }
  return undefined;
}

/** Says which coarser window would fit. */
export function tooManyRows(window: string, span: Span, groups = 1): Refused {
  const coarser = REPORT_WINDOWS.slice(REPORT_WINDOWS.indexOf(window as 'day') + 1).find(
    (name) => ((span.to - span.from) / SHORTEST_MS[name] + 2) * groups <= MAX_REPORT_ROWS,
  );
  const advice = coarser ? `ask for window=${coarser}` : 'ask for a shorter span or fewer groups';
  return {
    kind: 'too-many-rows',
    detail: `More than ${MAX_REPORT_ROWS} rows: ${advice}.`,
  };
}

const HOUR_MS = 3_600_000;
const SHORTEST_MS = {
  minute: HOUR_MS / 60,
  hour: HOUR_MS,
  day: 23 * HOUR_MS,
  week: 167 * HOUR_MS,
  month: 671 * HOUR_MS,
} as const;

/** All but minutes start on quarters of an hour in every zone: only cut ends need the events. */
function stretchesOf(span: Span, window: string, groupBy: readonly string[]): Stretch[] {
  if (window === 'minute' || groupBy.some((name) => !Object.hasOwn(REPORT_GROUPINGS, name))) {
    return [{ ...span, grain: 'event' }];
  }
  const from = Math.ceil(span.from / QUARTER_MS) * QUARTER_MS;
  const to = Math.floor(span.to / QUARTER_MS) * QUARTER_MS;
  if (from >= to) return [{ ...span, grain: 'event' }];
  const stretches: Stretch[] = [
    { from: span.from, to: from, grain: 'event' },
    { from, to, grain: 'quarter' },
    { from: to, to: span.to, grain: 'event' },
  ];
  return stretches.filter((stretch) => stretch.from < stretch.to);
}
