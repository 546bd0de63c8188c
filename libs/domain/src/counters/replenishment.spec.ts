import fc from 'fast-check';
import { type Dripped, dripped, type DripRule, firstDrip, nextDripAt } from './drip';
import { aLimit } from '../tiers/limit.builder';
import { inherited, sumOf } from './inherited';
import { carriedOver, type EndedWindow } from './rollover';
import { windowAmount } from './window-amount';

const ended = (more: Partial<EndedWindow> = {}): EndedWindow => ({
  amount: 100,
  carried: [],
  used: 0,
  leased: 0,
  ...more,
});

describe('rollover', () => {
  it.each([
    ['what was not used', ended({ used: 30 }), { cap: 500, windows: 1 }, [70]],
    [
      'not what running calls may still use',
      ended({ used: 30, leased: 50 }),
      { cap: 500, windows: 1 },
      [20],
    ],
    ['at most the cap', ended(), { cap: 60, windows: 1 }, [60]],
    [
      'nothing of what it inherited, after one window',
      ended({ carried: [40] }),
      { cap: 500, windows: 1 },
      [100],
    ],
    [
      'what it inherited, after one of two windows',
      ended({ carried: [40] }),
      { cap: 500, windows: 2 },
      [100, 40],
    ],
    [
      'what expires first is used first',
      ended({ carried: [40, 20], used: 50 }),
      { cap: 500, windows: 3 },
      [100, 10, 0],
    ],
    ['and cut first', ended({ carried: [40] }), { cap: 120, windows: 2 }, [100, 20]],
    ['nothing of an overrun', ended({ used: 170 }), { cap: 500, windows: 2 }, [0]],
  ] as const)('carries %s', (_, window, rule, carried) => {
    expect(carriedOver(window, rule)).toEqual(carried);
  });

  it('rises as leases close unused, stays as they are used, and is never above the cap', () => {
    const part = fc.nat(200);
    fc.assert(
      fc.property(
        fc.record({ amount: part, carried: fc.array(part, { maxLength: 3 }), used: part }),
        fc.record({ cap: fc.nat(400), windows: fc.integer({ min: 1, max: 4 }) }),
        fc.nat(100),
        fc.nat(100),
        (window, rule, leased, closing) => {
          const sum = (parts: readonly number[]) => parts.reduce((all, one) => all + one, 0);
          const closed = Math.min(leased, closing);
          const before = sum(carriedOver({ ...window, leased }, rule));
          const returned = sum(carriedOver({ ...window, leased: leased - closed }, rule));
          const settled = { ...window, used: window.used + closed, leased: leased - closed };
          expect(sum(carriedOver(settled, rule))).toBe(before);
          expect(returned).toBeGreaterThanOrEqual(before);
          expect(returned).toBeLessThanOrEqual(rule.cap);
        },
      ),
    );
  });
});

describe('windows before a window', () => {
  const two = { cap: 500, windows: 2 };

  it('leave what each left, the latest first, and no longer than the rule says', () => {
    const [last, before, oldest] = [ended({ used: 90 }), ended({ used: 80 }), ended()];
    expect(inherited([], two)).toEqual([]);
    expect(inherited([last], two)).toEqual([10]);
    expect(inherited([last, before], two)).toEqual([30, 0]);
    expect(inherited([last, before, oldest], two)).toEqual([100, 30]);
    expect(inherited([last, before, oldest], { cap: 500, windows: 3 })).toEqual([100, 30, 0]);
    expect(inherited([last, before, oldest], { cap: 500, windows: 1 })).toEqual([100]);
  });

  it('count with what they had inherited when they were seen, or more since', () => {
    const seen = ended({ carried: [30], used: 20 });
    expect(inherited([seen], two)).toEqual([100, 10]);
    expect(inherited([seen, ended({ used: 90 })], two)).toEqual([100, 10]);
    expect(inherited([seen, ended({ used: 40 })], two)).toEqual([100, 40]);
  });

  it('never leave more than the cap, and never less when one of their leases closes', () => {
    const part = fc.nat(200);
    const window = fc.record({ amount: part, used: part, leased: part });
    fc.assert(
      fc.property(
        fc.array(window, { minLength: 1, maxLength: 6 }),
        fc.record({ cap: fc.nat(400), windows: fc.integer({ min: 1, max: 5 }) }),
        fc.nat(5),
        (windows, rule, at) => {
          const before = windows.map((one) => ({ ...one, carried: [] }));
          const closed = before.map((one, i) => (i === at ? { ...one, leased: 0 } : one));
          const [was, is] = [inherited(before, rule), inherited(closed, rule)].map(sumOf);
          expect(is).toBeGreaterThanOrEqual(was as number);
          expect(is).toBeLessThanOrEqual(rule.cap);
        },
      ),
    );
  });
});

it('a window begins with the amount; one that drips begins full; one of 0 is off', () => {
  const replenishment = { kind: 'drip', amount: 5, everyMs: 1_000, cap: 40 } as const;
  expect(windowAmount(aLimit())).toBe(100);
  expect(windowAmount(aLimit({ replenishment }))).toBe(40);
  expect(windowAmount(aLimit({ replenishment, amount: 0 }))).toBe(0);
});

describe('drip', () => {
  const rule: DripRule = { amount: 100, everyMs: 3_600_000, cap: 1_000 };
  const HOUR = 3_600_000;
  const after = (before: Dripped, hours: number, used: number) =>
    dripped(before, rule, { windowStart: 5_000, used, now: 5_000 + hours * HOUR });

  it('starts full, and stays so while nothing is used', () => {
    expect(firstDrip(rule)).toEqual({ amount: 1_000, drips: 0 });
    expect(after(firstDrip(rule), 48, 0)).toEqual({ amount: 1_000, drips: 48 });
  });

  it('adds with every interval that is over, not before', () => {
    expect(after(firstDrip(rule), 0.99, 600).amount).toBe(1_000);
    expect(after(firstDrip(rule), 1, 600).amount).toBe(1_100);
    expect(after(firstDrip(rule), 3.5, 600).amount).toBe(1_300);
  });

  it('stops at the cap, and does not make up later for drips that found it full', () => {
    const full = after(firstDrip(rule), 10, 250);
    expect(full).toEqual({ amount: 1_250, drips: 10 });
    expect(after(full, 10.5, 900).amount).toBe(1_250);
    expect(after(full, 11, 900).amount).toBe(1_350);
  });

  it('says when the next one falls', () => {
    expect(nextDripAt(after(firstDrip(rule), 3.5, 600), rule, 5_000)).toBe(5_000 + 4 * HOUR);
  });

  it('comes to the same however often it is looked at, and never falls', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(5 * HOUR), fc.nat(300)), { maxLength: 12 }),
        fc.array(fc.nat(60 * HOUR), { maxLength: 20 }),
        (uses, looks) => {
          const run = (instants: readonly number[]): number => {
            let [state, used, now] = [firstDrip(rule), 0, 0];
            const see = (at: number) => {
              const next = dripped(state, rule, { windowStart: 0, used, now: at });
              expect(next.amount).toBeGreaterThanOrEqual(state.amount);
              expect(next.amount - used).toBeLessThanOrEqual(
                Math.max(rule.cap, state.amount - used),
              );
              state = next;
            };
            for (const [wait, more] of uses) {
              for (const look of instants) if (look > now && look < now + wait) see(look);
              now += wait;
              see(now);
              used += Math.min(more, state.amount - used);
            }
            return state.amount;
          };
          expect(run([...looks].sort((a, b) => a - b))).toBe(run([]));
        },
      ),
    );
  });
});
