import fc from 'fast-check';
import { type Assignment, tierAt, tierTimeline } from './assignments';
import { aLimit } from './limit.builder';
import { nextWindowStart } from './next-window';

const of = (name: string, from: number): Assignment => ({ name, version: 1, from });
const names = (timeline: readonly Assignment[]): string[] => timeline.map(({ name }) => name);

describe('the tier of a customer', () => {
  it('is the last that has begun, and before the first the first', () => {
    const timeline = tierTimeline([of('a', 10), of('b', 20)]);
    const at = (instant: number): string => tierAt(timeline, instant).name;
    expect([at(0), at(10), at(19), at(20)]).toEqual(['a', 'a', 'a', 'b']);
  });

  it('follows the later decision: one made now takes back what was to come', () => {
    expect(names(tierTimeline([of('a', 0), of('b', 100), of('c', 50)]))).toEqual(['a', 'c']);
    expect(names(tierTimeline([of('a', 0), of('b', 100), of('c', 150)]))).toEqual(['a', 'b', 'c']);
    expect(names(tierTimeline([of('a', 0), of('b', 0)]))).toEqual(['b']);
  });

  it('is at every instant the last made of those that have begun', () => {
    const made = fc.array(fc.nat(20), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(made, fc.nat(25), (starts, instant) => {
        const all = starts.map((from, n) => of(`t${n}`, from));
        const begun = all.filter(({ from }) => from <= instant);
        const timeline = tierTimeline(all);
        const expected = begun.at(-1) ?? timeline[0];
        expect(tierAt(timeline, instant)).toBe(expected);
      }),
    );
  });
});

describe('the next window', () => {
  const now = Date.parse('2026-11-21T10:15:30Z');
  const frame = { timeZone: 'UTC', billingAnchor: Date.parse('2026-01-05T00:00:00Z') };
  const starts = (...windows: ReturnType<typeof aLimit>['window'][]): string =>
    new Date(
      nextWindowStart(
        now,
        windows.map((window) => aLimit({ window })),
        frame,
      ),
    ).toISOString();

  it('begins where the longest renewing one ends', () => {
    expect(starts('day', 'minute', 'month')).toBe('2026-12-01T00:00:00.000Z');
    expect(starts('month', 'billingPeriod')).toBe('2026-12-05T00:00:00.000Z');
    expect(starts('minute', 'lifetime')).toBe('2026-11-21T10:16:00.000Z');
  });

  it('is now where none renews', () => {
    expect(starts('lifetime', 'request', { firstUseMs: 60_000 })).toBe('2026-11-21T10:15:30.000Z');
    expect(starts()).toBe('2026-11-21T10:15:30.000Z');
  });
});
