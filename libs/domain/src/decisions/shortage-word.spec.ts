import type { Shortage } from '../leases/ask';
import type { Limit } from '../tiers/limit';
import { aLimit } from '../tiers/limit.builder';
import { HELD_RETRY_MS, wordOf } from './shortage-word';

const NOW = Date.parse('2026-11-22T10:00:00Z');
const RESET_AT = NOW + 60_000;
const shortage = (more: Partial<Shortage>): Shortage => ({
  limit: 'one',
  reason: 'used-up',
  need: 1,
  used: 0,
  leased: 0,
  amount: 100,
  resetAt: RESET_AT,
  ...more,
});
const word = (need: number, more: Partial<Shortage>, limit: Limit = aLimit()) =>
  wordOf(limit, shortage({ need, ...more }), need, NOW);

const NEVER = { reason: 'per-request', retryAt: null };
const USED_UP = { reason: 'used-up', retryAt: RESET_AT };
const HELD = { reason: 'held', retryAt: NOW + HELD_RETRY_MS };

describe('what entitlement’s word means for a call', () => {
  it('what only holds stand before is held, and used up waits for the window’s end', () => {
    expect(word(40, { reason: 'held', used: 60, leased: 10 })).toEqual(HELD);
    expect(word(41, { used: 60 })).toEqual(USED_UP);
  });

  it('never fits, where it is more than the window has left and than the next one has', () => {
    expect(word(101, {})).toEqual(NEVER);
    // 100 were used and a reset gave 100 more: no window has 150 for one call.
    expect(word(150, { used: 100, amount: 200 })).toEqual(NEVER);
    expect(word(100, { used: 150, amount: 200 })).toEqual(USED_UP);
    // 500 were given beside the 100 of each window: 300 still fit into this one alone.
    expect(word(300, { used: 100, leased: 250, amount: 600, reason: 'held' })).toEqual(HELD);
    expect(word(300, { used: 301, amount: 600 })).toEqual(NEVER);
  });

  it('counts what a rollover or a drip may add', () => {
    const rollover = aLimit({ replenishment: { kind: 'rollover', cap: 50, windows: 1 } });
    expect(word(150, { used: 100, amount: 150 }, rollover)).toEqual(USED_UP);
    expect(word(151, { used: 100, amount: 250 }, rollover)).toEqual(NEVER);
    const drips = { kind: 'drip', amount: 10, everyMs: 1_000, cap: 200 } as const;
    expect(word(200, { used: 900 }, aLimit({ replenishment: drips }))).toEqual(USED_UP);
    expect(word(201, { used: 900 }, aLimit({ replenishment: drips }))).toEqual(NEVER);
  });

  it('of a smaller call that was held says used-up to one that what is left would not hold', () => {
    const held = shortage({ reason: 'held', need: 10, used: 60, leased: 35 });
    expect(wordOf(aLimit(), held, 40, NOW)).toEqual(HELD);
    expect(wordOf(aLimit(), held, 41, NOW)).toEqual(USED_UP);
  });
});
