import {
  type ComputedWindow,
  computedWindow,
  type Limit,
  type Span,
  UNITS,
  type WindowFrame,
} from '@tallyward/domain';
import type { EntityManager } from 'typeorm';
import { safeInteger } from '../safe-integer';
import { LIVE_TABLES, unitColumn } from '../totals/tables';

/** Sums that one request adds up: of a value of a limit's scope, in a window that was used. */
export const MOST_SUMS = 200_000;

/** Which of a customer's windows: those of a limit that touch a span. */
export interface WindowsAsked {
  readonly customer: string;
  readonly rule: Limit;
  readonly frame: WindowFrame;
  readonly span: Span;
}

/** What one value of a scope used in one window. */
export interface UsedInWindow {
  readonly scopeValue: string;
  readonly window: Span;
  readonly used: number;
}

/**
 * Cuts each calendar's windows once: it takes a fraction of a millisecond, and thousands of
 * customers share a calendar.
 */
class Calendars {
  private readonly windows = new Map<string, Map<number, Span>>();

  of(instant: number, { rule, frame }: WindowsAsked): Span {
    const window = rule.window as ComputedWindow;
    const anchor = window === 'billingPeriod' ? frame.billingAnchor : 0;
    const name = `${window} ${frame.timeZone} ${anchor}`;
    const known = this.windows.get(name) ?? new Map<number, Span>();
    this.windows.set(name, known);
    const found = known.get(instant) ?? computedWindow(instant, window, frame);
    known.set(instant, found);
    return found;
  }
}

/** Windows that one look at the totals sums up, half-open; `starts` null: quarter by quarter. */
interface Calendar {
  readonly calendar: number;
  readonly first: number;
  readonly last: number;
  readonly starts: readonly number[] | null;
}

/** A year has too many hours to cut them all when few were used: those are asked by the quarter. */
function calendarOf(asked: WindowsAsked, calendars: Calendars): Omit<Calendar, 'calendar'> {
  const { rule, span } = asked;
  let window = calendars.of(span.from, asked);
  const first = window.from;
  if (rule.window === 'hour') {
    return { first, last: calendars.of(span.to - 1, asked).to, starts: null };
  }
  const starts = [first];
  while (window.to < span.to) {
    window = calendars.of(window.to, asked);
    starts.push(window.from);
  }
  return { first, last: window.to, starts };
}

interface SumRow {
  place: number;
  value: string;
  instant: string;
  used: string;
}

const OF_UNIT = UNITS.map((unit) => `WHEN '${unit}' THEN t.${unitColumn(unit)}`).join(' ');
const VALUE = `CASE k.scope WHEN 'workspace' THEN t.workspace WHEN 'user' THEN t."user"
  WHEN 'role' THEN t.role ELSE t.customer END`;
const USED = `
  SELECT k.place, s.value, s.instant, s.used
  FROM unnest($2::integer[], $3::text[], $4::text[], $5::text[], $6::text[], $7::integer[])
    AS k (place, customer, scope, unit, model_group, calendar)
  JOIN jsonb_to_recordset($8::jsonb)
    AS w (calendar integer, first bigint, last bigint, starts bigint[]) USING (calendar)
  CROSS JOIN LATERAL (
    SELECT ${VALUE} AS value, CASE WHEN w.starts IS NULL THEN t.quarter
        ELSE w.starts[width_bucket(t.quarter, w.starts)] END AS instant,
      sum(CASE k.unit ${OF_UNIT} END) AS used
    FROM ${LIVE_TABLES.totals} t
    WHERE t.project = $1 AND t.customer = k.customer
      AND t.quarter >= w.first AND t.quarter < w.last
      AND k.model_group IN ('*', t.model_group) AND ${VALUE} <> ''
    GROUP BY 1, 2) s
  ORDER BY 1, 2, 3 LIMIT ${MOST_SUMS + 1}`;

/**
 * The windows, whole, in which something was used, for limits whose windows begin on quarters of an
 * hour; in the order they were asked for. Null: they are too many.
 */
export async function usedByWindows(
  manager: EntityManager,
  project: string,
  asked: readonly WindowsAsked[],
): Promise<UsedInWindow[][] | null> {
  if (asked.length === 0) return [];
  const cut = new Calendars();
  const calendars = new Map<string, Calendar>();
  const numbers = asked.map((one) => {
    const windows = calendarOf(one, cut);
    const { first, last, starts } = windows;
    const text = `${first} ${last} ${starts?.join(' ') ?? ''}`;
    const found = calendars.get(text) ?? { calendar: calendars.size, ...windows };
    calendars.set(text, found);
    return found.calendar;
  });
  const rows = await manager.query<SumRow[]>(USED, [
    project,
    asked.map((_, place) => place),
    asked.map(({ customer }) => customer),
    asked.map(({ rule }) => rule.scope),
    asked.map(({ rule }) => rule.unit),
    asked.map(({ rule }) => rule.modelGroup),
    numbers,
    JSON.stringify([...calendars.values()]),
  ]);
  return rows.length > MOST_SUMS ? null : windowsOf(rows, asked, cut);
}

function windowsOf(
  rows: readonly SumRow[],
  asked: readonly WindowsAsked[],
  cut: Calendars,
): UsedInWindow[][] {
  const found = asked.map((): { scopeValue: string; window: Span; used: number }[] => []);
  for (const { place, value: scopeValue, instant, used } of rows) {
    const mine = found[place];
    const of = asked[place];
    if (!mine || !of) throw new Error(`The totals answered for a limit ${place} nobody asked for`);
    const last = mine.at(-1);
    const begins = safeInteger(instant);
    if (last?.scopeValue === scopeValue && begins < last.window.to) last.used += safeInteger(used);
    else mine.push({ scopeValue, window: cut.of(begins, of), used: safeInteger(used) });
  }
  return found;
}
