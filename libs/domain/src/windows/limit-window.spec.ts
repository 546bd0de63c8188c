import fc from 'fast-check';
import { isTimeZone } from '../calendar';
import { computedWindow, type ComputedWindow, firstUseWindow, LIFETIME } from './limit-window';

const at = (text: string): number => Date.parse(text);
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

describe('windows of limits', () => {
  const windows: ComputedWindow[] = ['minute', 'hour', 'day', 'week', 'month'];

  it('every instant lies in exactly one, in every zone and from every anchor (I7)', () => {
    const zones = Intl.supportedValuesOf('timeZone').filter(isTimeZone);
    const instant = fc.integer({
      min: at('2000-01-01T00:00:00Z'),
      max: at('2037-12-31T00:00:00Z'),
    });
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
      { numRuns: 1_000 },
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
