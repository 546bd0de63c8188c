const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const formats = new Map<string, Intl.DateTimeFormat>();

/** Formats are costly to make, and a page has two or three. */
function format(timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify([timeZone, options]);
  const made = formats.get(key) ?? new Intl.DateTimeFormat('en-GB', { ...options, timeZone });
  formats.set(key, made);
  return made;
}

const DAY = { day: '2-digit', month: 'short' } as const;
const CLOCK = { hour: '2-digit', minute: '2-digit' } as const;

type Instant = string | number;
const epoch = (instant: Instant): number =>
  typeof instant === 'number' ? instant : Date.parse(instant);

/** 21 Nov 2026, 10:15 */
export const dateAndTime = (instant: Instant, timeZone: string): string =>
  format(timeZone, { ...DAY, year: 'numeric', ...CLOCK }).format(epoch(instant));

/** 21 Nov 2026, 10:15:30 CET */
export const exactly = (instant: Instant, timeZone: string): string =>
  format(timeZone, {
    ...DAY,
    year: 'numeric',
    ...CLOCK,
    second: '2-digit',
    timeZoneName: 'short',
  }).format(epoch(instant));

/** 10:15:30 */
export const clock = (instant: Instant, timeZone: string): string =>
  format(timeZone, { ...CLOCK, second: '2-digit' }).format(epoch(instant));

/** As fine as a step of a chart needs: 21 Nov, or 21 Nov, 10:15. */
export const tick = (instant: Instant, timeZone: string, stepMs: number): string =>
  format(timeZone, stepMs >= DAY_MS ? DAY : { ...DAY, ...CLOCK }).format(epoch(instant));

/** The two largest parts of a span: `3 d 4 h`, `12 min`, `40 s`. */
export function span(ms: number): string {
  if (ms >= DAY_MS) return parts(ms, DAY_MS, 'd', HOUR_MS, 'h');
  if (ms >= HOUR_MS) return parts(ms, HOUR_MS, 'h', MINUTE_MS, 'min');
  if (ms >= MINUTE_MS) return parts(ms, MINUTE_MS, 'min', 1_000, 's');
  return `${Math.max(0, Math.round(ms / 1_000))} s`;
}

function parts(ms: number, big: number, bigName: string, small: number, name: string): string {
  const rest = Math.floor((ms % big) / small);
  return `${Math.floor(ms / big)} ${bigName}${rest > 0 ? ` ${rest} ${name}` : ''}`;
}
