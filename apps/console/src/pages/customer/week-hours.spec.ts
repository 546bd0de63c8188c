import type { UsageRow } from '../../api/usage';
import { busiest, weekHours } from './week-hours';

const row = (from: string, tokens: number): UsageRow =>
  ({ from, to: from, tokens, calls: 1 }) as unknown as UsageRow;

describe('hours of the week', () => {
  it('are those that the zone’s clocks show', () => {
    const monday = [row('2026-11-23T23:30:00Z', 5), row('2026-11-16T23:00:00Z', 2)];
    expect(weekHours(monday, 'tokens', 'UTC')[0]?.[23]).toBe(7);
    expect(weekHours(monday, 'tokens', 'Europe/Rome')[1]?.[0]).toBe(7);
    expect(weekHours(monday, 'calls', 'UTC')[0]?.[23]).toBe(2);
  });

  it('have a busiest one, if anything was used', () => {
    const sums = weekHours([row('2026-11-25T09:00:00Z', 5)], 'tokens', 'UTC');
    expect(busiest(sums)).toEqual({ day: 'Wed', hour: 9, sum: 5 });
    expect(busiest(weekHours([], 'tokens', 'UTC'))).toBeUndefined();
  });
});
