import { counted, fullNumber, percent, shortNumber } from './figures';
import { exactly, span, tick } from './instants';
import { limitWords, replenishmentWords, windowWords } from './words';

describe('figures as people read them', () => {
  it('are short from ten thousand on, and full beside it', () => {
    expect([9_999, 20_000, 1_234_567].map(shortNumber)).toEqual(['9,999', '20K', '1.23M']);
    expect(fullNumber(1_234_567)).toBe('1,234,567');
    expect([counted(1, 'customer'), counted(2_000, 'customer')]).toEqual([
      '1 customer',
      '2,000 customers',
    ]);
  });

  it('never say all while something is left, nor nothing once it has begun', () => {
    expect(percent(9_999, 10_000)).toBe('99%');
    expect(percent(1, 10_000)).toBe('<1%');
    expect(percent(10_000, 10_000)).toBe('100%');
    expect(percent(645, 100)).toBe('645%');
    expect(percent(0, 0)).toBe('off');
  });
});

describe('instants as people read them', () => {
  it('are written in the zone that is asked for, and name it', () => {
    const at = '2026-11-21T23:30:00Z';
    expect(exactly(at, 'UTC')).toBe('21 Nov 2026, 23:30:00 UTC');
    expect(exactly(at, 'Europe/Rome')).toContain('22 Nov 2026, 00:30:00');
    expect(tick(at, 'Europe/Rome', 86_400_000)).toBe('22 Nov');
  });

  it('and spans by their two largest parts', () => {
    const HOUR = 3_600_000;
    expect([76 * HOUR, 90 * 60_000, 12 * 60_000, 40_000].map(span)).toEqual([
      '3 d 4 h',
      '1 h 30 min',
      '12 min',
      '40 s',
    ]);
  });
});

describe('limits as people read them', () => {
  const limit = {
    scope: 'user',
    modelGroup: '*',
    unit: 'calls',
    window: { firstUse: 'PT5H' },
    amount: 100,
    onLimit: 'throttle',
    restrictTo: null,
    replenishment: { kind: 'drip', amount: 10, every: 'PT1H', cap: 100 },
    message: null,
  } as const;

  it('name group, unit, window and whose', () => {
    expect(limitWords(limit)).toBe('all models · calls in 5 h from first use per user');
    expect(windowWords('billingPeriod')).toBe('a billing period');
  });

  it('say how they refill', () => {
    expect(replenishmentWords(limit)).toBe('+10 every 1 h, up to 100');
  });
});
