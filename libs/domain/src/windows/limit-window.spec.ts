import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { isTimeZone } from '../calendar';
import { QUARTER_MS, quarterOf } from '../totals';
import { computedWindow, type ComputedWindow, firstUseWindow, LIFETIME } from './limit-window';

const DAY_MS = 86_400_000;
/** Of one zone in a year. */
const MOST_CHANGES = 10;
const at = (text: string): number => Date.parse(text);
const AT_2026 = at('2026-01-01T00:00:00Z');
const AT_2029 = at('2029-01-01T00:00:00Z');
const starts = (from: string, months: number, timeZone = 'UTC'): string[] => {
  const frame = { timeZone, billingAnchor: at(from) };
  let span = computedWindow(at(from), 'billingPeriod', frame);
  const found: string[] = [];
  for (let n = 0; n < months; n++) {
    found.push(new Date(span.from).toISOString().slice(0, 16));
    span = computedWindow(span.to, 'billingPeriod', frame);
  }
  return found;
};

describe('billing periods', () => {
  it('an anchor on the 31st ends shorter months on their last day, and comes back', () => {
    expect(starts('2027-12-31T09:30:00Z', 5)).toEqual([
      '2027-12-31T09:30',
      '2028-01-31T09:30',
      '2028-02-29T09:30',
      '2028-03-31T09:30',
      '2028-04-30T09:30',
    ]);
  });

  it('an anchor on 29 February has the 28th in other years and the 29th in every other month', () => {
    const all = starts('2028-02-29T00:00:00Z', 14);
    expect([all[1], all[12], all[13]]).toEqual([
      '2028-03-29T00:00',
      '2029-02-28T00:00',
      '2029-03-29T00:00',
    ]);
  });

  it('starts on a quarter of an hour', () => {
    expect(starts('2026-11-22T04:14:59.999Z', 1)).toEqual(['2026-11-22T04:00']);
  });

  it('keeps the local time of day over a change of clocks', () => {
    expect(starts('2026-03-15T08:00:00Z', 2, 'Europe/Rome')).toEqual([
      '2026-03-15T08:00',
      '2026-04-15T07:00',
    ]);
  });

  it('holds instants before its anchor too', () => {
    const frame = { timeZone: 'UTC', billingAnchor: at('2026-03-31T00:00:00Z') };
    expect(computedWindow(at('2026-03-01T00:00:00Z'), 'billingPeriod', frame)).toEqual({
      from: at('2026-02-28T00:00:00Z'),
      to: at('2026-03-31T00:00:00Z'),
    });
  });
});

/**
 * One zone of those whose clocks go alike until 2029: some sixty of more than four hundred, and all
 * of the changes there are.
 */
function unlike(zones: readonly string[]): string[] {
  const found = new Map<string, string>();
  for (const timeZone of zones) {
    let at = Temporal.Instant.fromEpochMilliseconds(AT_2026).toZonedDateTimeISO(timeZone);
    let clocks = at.offset;
    for (let n = 0; n < 3 * MOST_CHANGES; n += 1) {
      const next = at.getTimeZoneTransition('next');
      if (!next || next.epochMilliseconds > AT_2029) break;
      clocks += ` ${next.epochMilliseconds} ${next.offset}`;
      at = next;
    }
    found.set(clocks, timeZone);
  }
  return [...found.values()];
}

/** Every zone of the world on a busy machine. */
jest.setTimeout(120_000);

describe('windows of limits', () => {
  const windows: ComputedWindow[] = ['minute', 'hour', 'day', 'week', 'month'];
  const zones = Intl.supportedValuesOf('timeZone').filter(isTimeZone);
  const instant = fc.integer({
    min: at('2000-01-01T00:00:00Z'),
    max: at('2037-12-31T00:00:00Z'),
  });
  const differing = unlike(zones);

  it('every instant lies in exactly one, in every zone and from every anchor (I7)', () => {
    fc.assert(
      fc.property(
        instant,
        instant,
        fc.constantFrom(...zones),
        fc.constantFrom<ComputedWindow>(...windows, 'billingPeriod'),
        (now, billingAnchor, timeZone, window) => {
          const frame = { timeZone, billingAnchor };
          const span = computedWindow(now, window, frame);
          expect(span.from).toBeLessThanOrEqual(now);
          expect(span.to).toBeGreaterThan(now);
          expect(computedWindow(span.from, window, frame)).toEqual(span);
          expect(computedWindow(span.to - 1, window, frame)).toEqual(span);
          expect(computedWindow(span.to, window, frame).from).toBe(span.to);
          expect(computedWindow(span.from - 1, window, frame).to).toBe(span.from);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('every zone has the nights when clocks change in one window each (I7)', () => {
    // Every change of every zone in a year, and the instants around it.
    for (const timeZone of differing) {
      let at = Temporal.Instant.fromEpochMilliseconds(AT_2026).toZonedDateTimeISO(timeZone);
      for (let n = 0; n < MOST_CHANGES; n += 1) {
        const next = at.getTimeZoneTransition('next');
        if (!next || next.epochMilliseconds > AT_2026 + 366 * DAY_MS) break;
        at = next;
        const changed = next.epochMilliseconds;
        const frame = { timeZone, billingAnchor: changed - 31 * DAY_MS };
        for (const window of ['hour', 'day', 'billingPeriod'] as const) {
          const before = computedWindow(changed - 1, window, frame);
          const next = computedWindow(before.to, window, frame);
          const holds = before.to > changed ? before : next;
          expect([next.from, before.from < changed, next.to > next.from]).toEqual([
            ...[before.to, true, true],
          ]);
          expect(computedWindow(changed, window, frame)).toEqual(holds);
          // Totals can open it: it begins on a quarter of an hour.
          expect(next.from % QUARTER_MS).toBe(0);
        }
      }
    }
  });

  it.each([
    ['the 31st', '2026-01-31T13:20:00Z'],
    ['29 February', '2028-02-29T05:00:00Z'],
  ])('from an anchor on %s, every zone has months that follow each other (I7)', (_, anchor) => {
    for (const timeZone of differing) {
      const frame = { timeZone, billingAnchor: at(anchor) };
      let span = computedWindow(at(anchor), 'billingPeriod', frame);
      expect(span.from).toBe(quarterOf(at(anchor)));
      for (let month = 0; month < 5; month += 1) {
        const days = (span.to - span.from) / DAY_MS;
        const following = computedWindow(span.to, 'billingPeriod', frame);
        expect([following.from, days > 27, days < 32]).toEqual([span.to, true, true]);
        span = following;
      }
    }
  });

  it('a zone changed in mid-window: each instant is in one window, before and after', () => {
    fc.assert(
      fc.property(
        instant,
        fc.constantFrom(...zones),
        fc.constantFrom(...zones),
        fc.constantFrom<ComputedWindow>(...windows, 'billingPeriod'),
        (now, was, is, window) => {
          const span = (timeZone: string) =>
            computedWindow(now, window, { timeZone, billingAnchor: at('2020-01-31T00:00:00Z') });
          const [before, after] = [span(was), span(is)];
          // The counter of the new zone's window is opened with what the totals have in it.
          expect(after.from).toBeLessThanOrEqual(now);
          expect(after.to).toBeGreaterThan(now);
          expect(before.from < after.to && after.from < before.to).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('lifetime holds every instant', () => {
    const frame = { timeZone: 'UTC', billingAnchor: 0 };
    expect(computedWindow(0, 'lifetime', frame)).toBe(LIFETIME);
    expect(computedWindow(LIFETIME.to - 1, 'lifetime', frame)).toBe(LIFETIME);
  });

  it('a first-use window lasts from its first use, half-open', () => {
    const window = { firstUseMs: 1_000 };
    expect(firstUseWindow(500, window, null)).toBeNull();
    expect(firstUseWindow(500, window, 500)).toEqual({ from: 500, to: 1_500 });
    expect(firstUseWindow(1_499, window, 500)).toEqual({ from: 500, to: 1_500 });
    expect(firstUseWindow(1_500, window, 500)).toBeNull();
    expect(firstUseWindow(499, window, 500)).toBeNull();
  });
});
