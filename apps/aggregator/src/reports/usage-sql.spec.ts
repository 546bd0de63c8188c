import { REPORT_WINDOWS, windowsOver } from '@tallyward/domain';
import fc from 'fast-check';
import { evenWindows } from './usage-sql';

const DAY_S = 86_400;
const AROUND_S = Date.parse('2026-03-20T00:00:00Z') / 1_000;

describe('windows of one length', () => {
  it('are found by arithmetic exactly as in the list of their starts', () => {
    const spans = fc
      .tuple(fc.integer({ min: 0, max: 60 * DAY_S }), fc.integer({ min: 1, max: 90 * DAY_S }))
      .map(([at, long]) => ({
        from: (AROUND_S + at) * 1_000,
        to: (AROUND_S + at + long) * 1_000,
      }));
    const windows = fc.constantFrom(...REPORT_WINDOWS.filter((window) => window !== 'minute'));
    const zones = fc.constantFrom('UTC', 'Europe/Rome', 'Asia/Kolkata', 'Australia/Lord_Howe');
    let even = 0;
    const property = fc.property(spans, windows, zones, fc.nat(), (span, window, zone, pick) => {
      const cut = windowsOver(span, window, zone, 50_000);
      if (cut.kind !== 'windows') throw new Error(cut.kind);
      const found = evenWindows(cut.spans);
      if (!found) return;
      even += 1;
      const { zero, step } = found;
      const [first] = cut.spans;
      const ends = cut.spans.flatMap(({ from, to }) => [from / 1_000, to / 1_000 - 1]);
      const seconds = ends[pick % ends.length] ?? 0;
      const listed = cut.spans.findLast(({ from }) => from / 1_000 <= seconds)?.from;
      const counted = Math.floor((seconds - zero) / step) * step + zero;
      expect(Math.max((first?.from ?? 0) / 1_000, counted)).toBe((listed ?? 0) / 1_000);
    });
    fc.assert(property, { numRuns: 60 });
    expect(even).toBeGreaterThan(5);
  });

  it('a last month that is longer than the one before is not one of them', () => {
    const months = windowsOver(
      { from: Date.parse('2026-01-15T00:00:00Z'), to: Date.parse('2026-04-01T00:00:00Z') },
      'month',
      'UTC',
      100,
    );
    if (months.kind !== 'windows') throw new Error(months.kind);
    expect(months.spans).toHaveLength(3);
    expect(evenWindows(months.spans)).toBeUndefined();
  });
});
