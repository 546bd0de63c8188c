import type { LimitState } from '@tallyward/contracts';
import type { UsageRow } from '../../api/usage';
import { burnUp, elapsedOf, spanOf, stepOf } from './burn-up';

const HOUR = 3_600_000;
const from = Date.parse('2026-11-01T00:00:00Z');
const day = { from, to: from + 24 * HOUR };

const limit = (over: Partial<LimitState> = {}): LimitState =>
  ({
    scope: 'customer',
    scopeValue: 'acme',
    modelGroup: 'premium',
    unit: 'tokens',
    window: 'day',
    amount: 1_000,
    windowStart: new Date(day.from).toISOString(),
    resetAt: new Date(day.to).toISOString(),
    ...over,
  }) as LimitState;

const row = (hour: number, tokens: number, more: Record<string, string> = {}): UsageRow =>
  ({
    from: new Date(from + hour * HOUR).toISOString(),
    to: new Date(from + (hour + 1) * HOUR).toISOString(),
    tokens,
    modelGroup: 'premium',
    ...more,
  }) as unknown as UsageRow;

describe('the burn-up of a limit', () => {
  it('sums what the limit counts and leaves out other groups', () => {
    const rows = [row(0, 100), row(1, 50), row(1, 900, { modelGroup: 'standard' })];
    const { points, used } = burnUp(rows, limit(), day, from + 2 * HOUR);
    expect(used).toBe(150);
    expect(points.map((point) => point.used)).toEqual([0, 100, 150, null]);
  });

  it('of every group counts them all; of a user, that user alone', () => {
    const rows = [row(0, 100, { user: 'u1' }), row(0, 7, { modelGroup: 'standard', user: 'u2' })];
    const now = from + HOUR;
    expect(burnUp(rows, limit({ modelGroup: '*' }), day, now).used).toBe(107);
    const ofUser = limit({ modelGroup: '*', scope: 'user', scopeValue: 'u2' });
    expect(burnUp(rows, ofUser, day, now).used).toBe(7);
  });

  it('goes on at the pace so far, and says when that meets the amount', () => {
    const { atEnd, meetsAt, points } = burnUp([row(0, 100)], limit(), day, from + 2 * HOUR);
    expect(atEnd).toBe(1_200);
    expect(meetsAt).toBe(from + 20 * HOUR);
    expect(points.at(-1)).toEqual({ at: day.to, used: null, projected: 1_200 });
  });

  it('meets nothing where nothing is used, where it ends below, and where it is already over', () => {
    const now = from + 12 * HOUR;
    for (const tokens of [0, 400, 1_000]) {
      expect(burnUp([row(0, tokens)], limit(), day, now).meetsAt).toBeNull();
    }
  });

  it('draws long windows by days, and knows those that never end', () => {
    expect(stepOf({ from, to: from + 30 * 24 * HOUR })).toBe('day');
    expect(stepOf(day)).toBe('hour');
    expect(stepOf({ from, to: from + HOUR })).toBe('minute');
    expect(spanOf(limit({ resetAt: null }))).toBeNull();
    expect(elapsedOf(day, from + 6 * HOUR)).toBe(0.25);
    expect(elapsedOf(day, day.to + HOUR)).toBe(1);
  });
});
