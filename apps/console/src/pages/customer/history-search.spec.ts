import { historySearch, historySpan, into } from './history-search';

const NOW = Date.parse('2026-11-23T10:00:21Z');
const DAY = { from: '2026-11-21T00:00:00.000Z', to: '2026-11-22T00:00:00.000Z' };

describe('what of a history is shown', () => {
  it('is a year by the month, until a bar is chosen', () => {
    expect(historySpan({}, NOW)).toEqual({
      from: '2025-11-23T10:01:00.000Z',
      to: '2026-11-23T10:01:00.000Z',
      window: 'month',
    });
    expect(historySpan({ ...DAY, window: 'hour' }, NOW)).toEqual({ ...DAY, window: 'hour' });
  });

  it('goes from month to day, hour and minute, and no further', () => {
    expect(into(DAY, 'month')?.window).toBe('day');
    expect(into(DAY, 'day')).toEqual({ ...DAY, window: 'hour' });
    expect(into(DAY, 'hour')?.window).toBe('minute');
    expect(into(DAY, 'minute')).toBeUndefined();
  });

  it('drops from the address what says nothing', () => {
    const half = { from: DAY.from, window: 'hour', by: 'colour', unit: 'images' };
    expect(historySearch(half)).toEqual({});
    expect(historySearch({ from: DAY.to, to: DAY.from, window: 'day' })).toEqual({});
    const whole = { ...DAY, window: 'hour', by: 'user', unit: 'calls' };
    expect(historySearch(whole)).toEqual(whole);
  });
});
