import { Temporal } from 'temporal-polyfill';
import { calendarWindow, type ReportWindow, type Span } from '../calendar';
import { quarterOf } from '../totals';

/** Every instant there is, epoch ms: the window of `lifetime`. */
export const LIFETIME: Span = { from: 0, to: 8_640_000_000_000_000 };

/** Opens with the first use after the last one ended, and lasts `lengthMs`. */
export interface FirstUseWindow {
  readonly firstUseMs: number;
}

/** The span a limit counts over. `request` is one call: it has no counter. */
export type LimitWindow = 'request' | ReportWindow | 'billingPeriod' | 'lifetime' | FirstUseWindow;
/** Those whose spans follow from the instant alone, given a zone and an anchor. */
export type ComputedWindow = Exclude<LimitWindow, 'request' | FirstUseWindow>;

/** What a customer's windows are cut by. */
export interface WindowFrame {
  readonly timeZone: string;
  /** Where billing periods are counted from, epoch ms. */
  readonly billingAnchor: number;
}

/** The window an instant lies in; every instant lies in exactly one. */
export function computedWindow(instant: number, window: ComputedWindow, frame: WindowFrame): Span {
  if (window === 'lifetime') return LIFETIME;
  if (window === 'billingPeriod') return billingPeriod(instant, frame);
  return calendarWindow(instant, window, frame.timeZone);
}

/**
 * The first-use window that holds `instant`, if the last one opened at `openedAt` still does; null:
 * a use at that instant opens the next.
 */
export function firstUseWindow(
  instant: number,
  { firstUseMs }: FirstUseWindow,
  openedAt: number | null,
): Span | null {
  if (openedAt === null || instant < openedAt || instant >= openedAt + firstUseMs) return null;
  return { from: openedAt, to: openedAt + firstUseMs };
}

/**
 * Months counted from the anchor, each from it anew, so that the 31st comes back after a shorter
 * month; each begins on a quarter of an hour, so that totals can open it. A local time that clocks
 * skip is taken after the gap, one they repeat is its first.
 */
function billingPeriod(instant: number, { timeZone, billingAnchor }: WindowFrame): Span {
  const anchor = zoned(billingAnchor, timeZone);
  let months = monthsBetween(anchor, zoned(instant, timeZone));
  while (periodStart(anchor, months) > instant) months -= 1;
  while (periodStart(anchor, months + 1) <= instant) months += 1;
  return { from: periodStart(anchor, months), to: periodStart(anchor, months + 1) };
}

function periodStart(anchor: Temporal.ZonedDateTime, months: number): number {
  return quarterOf(anchor.add({ months }).epochMilliseconds);
}

function monthsBetween(from: Temporal.ZonedDateTime, to: Temporal.ZonedDateTime): number {
  return (to.year - from.year) * 12 + to.month - from.month;
}

function zoned(instant: number, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(timeZone);
}
