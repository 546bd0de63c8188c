import fc from 'fast-check';
import { calendarWindow, isTimeZone, REPORT_WINDOWS, windowsOver } from './calendar';

const at = (text: string): number => Date.parse(text);
const iso = (span: { from: number; to: number }): string[] =>
  [span.from, span.to].map((instant) => new Date(instant).toISOString());

describe('calendar windows', () => {
  it('a day of spring-forward has 23 hours and a day of fall-back 25', () => {
    const spring = calendarWindow(at('2026-03-29T12:00:00Z'), 'day', 'Europe/Rome');
    const autumn = calendarWindow(at('2026-10-25T12:00:00Z'), 'day', 'Europe/Rome');
    expect((spring.to - spring.from) / 3_600_000).toBe(23);
    expect((autumn.to - autumn.from) / 3_600_000).toBe(25);
  });

  it('the hour that clocks repeat is two windows', () => {
    const first = calendarWindow(at('2026-10-25T00:30:00Z'), 'hour', 'Europe/Rome');
    const second = calendarWindow(at('2026-10-25T01:30:00Z'), 'hour', 'Europe/Rome');
    expect(iso(first)).toEqual(['2026-10-25T00:00:00.000Z', '2026-10-25T01:00:00.000Z']);
    expect(iso(second)).toEqual(['2026-10-25T01:00:00.000Z', '2026-10-25T02:00:00.000Z']);
  });

  it('a change of half an hour cuts the hour it falls in', () => {
    // Lord Howe: 02:00 +11 becomes 01:30 +10:30 on 5 April 2026 (15:00Z the day before).
    const second = calendarWindow(at('2026-04-04T15:10:00Z'), 'hour', 'Australia/Lord_Howe');
    expect(iso(second)).toEqual(['2026-04-04T15:00:00.000Z', '2026-04-04T15:30:00.000Z']);
  });

  it('weeks start on Monday and months end where they end, leap day and all', () => {
    expect(iso(calendarWindow(at('2026-11-22T23:59:59Z'), 'week', 'UTC'))).toEqual([
      '2026-11-16T00:00:00.000Z',
      '2026-11-23T00:00:00.000Z',
    ]);
    expect(iso(calendarWindow(at('2028-02-29T10:00:00Z'), 'month', 'UTC'))).toEqual([
      '2028-02-01T00:00:00.000Z',
      '2028-03-01T00:00:00.000Z',
    ]);
  });

  it('a date that a zone skipped is no window', () => {
    // Samoa went from 29 to 31 December 2011.
    const day = calendarWindow(at('2011-12-30T09:00:00Z'), 'day', 'Pacific/Apia');
    expect(iso(day)).toEqual(['2011-12-29T10:00:00.000Z', '2011-12-30T10:00:00.000Z']);
  });

  it('a minute that clocks repeat over midnight belongs to the day that began first', () => {
    // St. John's, 7 November 2010: at 00:01 (02:31Z) clocks went back to 23:01 of the day before.
    const day = calendarWindow(at('2010-11-07T03:00:00Z'), 'day', 'America/St_Johns');
    expect(iso(day)).toEqual(['2010-11-07T02:30:00.000Z', '2010-11-08T03:30:00.000Z']);
    expect(calendarWindow(day.from - 1, 'day', 'America/St_Johns').to).toBe(day.from);
  });

  it('every instant lies in exactly one window of every zone (I7)', () => {
    const zones = Intl.supportedValuesOf('timeZone').filter(isTimeZone);
    fc.assert(
      fc.property(
        fc.integer({ min: at('2000-01-01T00:00:00Z'), max: at('2037-12-31T00:00:00Z') }),
        fc.constantFrom(...zones),
        fc.constantFrom(...REPORT_WINDOWS),
        (instant, zone, window) => {
          const span = calendarWindow(instant, window, zone);
          expect(span.from).toBeLessThanOrEqual(instant);
          expect(span.to).toBeGreaterThan(instant);
          for (const inside of [span.from, span.to - 1]) {
            expect(calendarWindow(inside, window, zone)).toEqual(span);
          }
          expect(calendarWindow(span.to, window, zone).from).toBe(span.to);
          expect(calendarWindow(span.from - 1, window, zone).to).toBe(span.from);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('windows over a span meet without gap or overlap and cover it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: at('2011-01-01T00:00:00Z'), max: at('2030-01-01T00:00:00Z') }),
        fc.integer({ min: 1, max: 40 * 86_400_000 }),
        fc.constantFrom('Europe/Rome', 'Pacific/Apia', 'America/St_Johns', 'Asia/Kathmandu'),
        fc.constantFrom('hour' as const, 'day' as const, 'week' as const, 'month' as const),
        (from, length, zone, window) => {
          const result = windowsOver({ from, to: from + length }, window, zone, 2000);
          if (result.kind === 'too-many') throw new Error('too many');
          const windowEnd = (instant: number): number => calendarWindow(instant, window, zone).to;
          let reached = from;
          for (const span of result.spans) {
            expect(span.from).toBe(reached);
            expect(span.to).toBeGreaterThan(span.from);
            expect(span.to).toBe(Math.min(windowEnd(span.from), from + length));
            reached = span.to;
          }
          expect(reached).toBe(from + length);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('stops at the limit instead of growing', () => {
    const span = { from: 0, to: 86_400_000 };
    expect(windowsOver(span, 'minute', 'UTC', 100)).toEqual({ kind: 'too-many' });
  });

  it('knows zones by name only', () => {
    expect(isTimeZone('Europe/Rome')).toBe(true);
    expect(isTimeZone('Mars/Olympus')).toBe(false);
    expect(isTimeZone('+01:00')).toBe(false);
  });
});
