import { Temporal } from 'temporal-polyfill';

/** Calendar windows a report can be cut into. */
export const REPORT_WINDOWS = ['minute', 'hour', 'day', 'week', 'month'] as const;
export type ReportWindow = (typeof REPORT_WINDOWS)[number];

/** Half-open, epoch ms. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Whether they have an instant in common. */
export function overlaps(one: Span, other: Span): boolean {
  return one.from < other.to && other.from < one.to;
}

const REGULAR_MS = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 7 * 86_400_000,
} as const;

/** True for a zone this runtime's time-zone data knows (IANA names; no bare offsets). */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch {
    return false;
  }
}

/**
 * The calendar window an instant lies in. Every instant lies in exactly one: windows are cut at
 * instants, so a night when clocks change makes a day of 23 or 25 hours, and never a gap or
 * overlap. Weeks start on Monday. An hour that a change of clocks cuts short ends, or starts, at
 * the change.
 */
export function calendarWindow(instant: number, window: ReportWindow, timeZone: string): Span {
  return window === 'minute' || window === 'hour'
    ? clockWindow(instant, REGULAR_MS[window], timeZone)
    : dateWindow(instant, window, timeZone);
}

function zoned(instant: number, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(timeZone);
}

function clockWindow(instant: number, length: number, timeZone: string): Span {
  const at = zoned(instant, timeZone);
  const offset = at.offsetNanoseconds / 1_000_000;
  const from = Math.floor((instant + offset) / length) * length - offset;
  const last = zoned(instant + 1, timeZone).getTimeZoneTransition('previous');
  const next = at.getTimeZoneTransition('next');
  return {
    from: Math.max(from, last?.epochMilliseconds ?? from),
    to: Math.min(from + length, next?.epochMilliseconds ?? from + length),
  };
}

type DateWindow = 'day' | 'week' | 'month';

function dateWindow(instant: number, window: DateWindow, timeZone: string): Span {
  let first = firstDate(zoned(instant, timeZone).toPlainDate(), window);
  // Clocks set back over midnight repeat yesterday's last minutes after today has begun: the window
  // goes by instants, so such a minute belongs to the date that began first.
  let next = step(first, window, 1);
  while (startOf(next, timeZone) <= instant) [first, next] = [next, step(next, window, 1)];
  // A date the zone skipped (the date line moved) starts where the next one does: no window.
  return { from: startOf(first, timeZone), to: startOf(next, timeZone) };
}

function firstDate(date: Temporal.PlainDate, window: DateWindow): Temporal.PlainDate {
  if (window === 'month') return date.with({ day: 1 });
  return window === 'week' ? date.subtract({ days: date.dayOfWeek - 1 }) : date;
}

function step(date: Temporal.PlainDate, window: DateWindow, by: number): Temporal.PlainDate {
  if (window === 'month') return date.add({ months: by });
  return date.add({ days: window === 'week' ? 7 * by : by });
}

function startOf(date: Temporal.PlainDate, timeZone: string): number {
  return date.toZonedDateTime(timeZone).epochMilliseconds;
}

export type Windows =
  { readonly kind: 'windows'; readonly spans: readonly Span[] } | { readonly kind: 'too-many' };

/** The windows that touch [from, to), in order, cut to it; at most `limit`. */
export function windowsOver(
  span: Span,
  window: ReportWindow,
  timeZone: string,
  limit: number,
): Windows {
  const spans: Span[] = [];
  let at = span.from;
  while (at < span.to) {
    const { to } = calendarWindow(at, window, timeZone);
    // Between two changes of the clocks, windows other than months all have one length.
    const regular = window === 'month' ? Infinity : REGULAR_MS[window];
    const until = window === 'month' ? to : Math.min(nextChange(at, timeZone), span.to);
    let end = to;
    do {
      if (spans.length === limit) return { kind: 'too-many' };
      spans.push({ from: at, to: Math.min(end, span.to) });
      at = end;
      end += regular;
    } while (end <= until);
  }
  return { kind: 'windows', spans };
}

function nextChange(instant: number, timeZone: string): number {
  const next = zoned(instant, timeZone).getTimeZoneTransition('next');
  return next?.epochMilliseconds ?? Infinity;
}
