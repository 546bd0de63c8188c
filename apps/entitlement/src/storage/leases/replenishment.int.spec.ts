import { dripped, type Limit } from '@tallyward/domain';
import fc from 'fast-check';
import { clockOf } from './asks';
import { addToCounters } from './counter-usage';
import { asReplenished, replenishCounters } from './replenishment';
import { DAY, dayLimit, HOUR, START, type Till, tillWorld } from './replenishment.builder';
import { UNOPENED_CARRIES_AFTER_MS } from './windows-before';

let world: Awaited<ReturnType<typeof tillWorld>>;
let till: Till;
beforeAll(async () => {
  world = await tillWorld();
});
beforeEach(() => {
  till = world.till();
});
afterAll(() => world?.close());

const rolling = (windows = 1, cap = 500): Limit =>
  dayLimit({ replenishment: { kind: 'rollover', cap, windows } });
const extraAt = async (limit: Limit, day: number, at: number) =>
  (await till.look(limit, day, at)).extra;

describe('rollover', () => {
  it('carries what the window before left, as its leases close, and never less again', async () => {
    const limit = rolling();
    till = world.till({ firstSeen: START });
    await till.counter(limit, 0);
    await till.use(limit, 0, 30, 50);
    expect(await till.look(limit, 1, DAY + 1)).toEqual({
      extra: 20,
      risesAt: START + DAY + 1 + 1_000,
    });
    await till.use(limit, 0, 10, -50);
    expect(await till.look(limit, 1, DAY + 2)).toEqual({ extra: 60, risesAt: null });
    await till.use(limit, 0, 25);
    expect(await extraAt(limit, 1, DAY + 3)).toBe(60);
  });

  it('carries nothing of a window that has not ended: who asks ahead gets the amount', async () => {
    const limit = rolling();
    till = world.till({ firstSeen: START });
    await till.counter(limit, 0);
    expect(await till.look(limit, 1, DAY - 1)).toEqual({
      extra: 0,
      risesAt: START + DAY + 1_000,
    });
    expect(await extraAt(limit, 1, DAY)).toBe(100);
  });

  it('carries the rest of totals where nobody opened a counter, once no ask can be late', async () => {
    const limit = rolling();
    till = world.till({ firstSeen: START });
    await till.use(limit, 0, 40);
    const soon = DAY + UNOPENED_CARRIES_AFTER_MS;
    expect(await extraAt(limit, 1, soon - 1)).toBe(0);
    expect(await extraAt(limit, 1, soon)).toBe(60);
  });

  it('carries for as many windows as the rule says, within the cap', async () => {
    const limit = rolling(2, 150);
    till = world.till({ firstSeen: START });
    for (const [day, calls] of [70, 20].entries()) {
      await till.counter(limit, day);
      await till.use(limit, day, calls);
    }
    // 100 − 70 is left of the first and used up by the 20 of the second, but for 10.
    expect(await extraAt(limit, 2, 2 * DAY)).toBe(100 + 10);
    expect(await extraAt(limit, 3, 3 * DAY + UNOPENED_CARRIES_AFTER_MS)).toBe(150);
  });

  it('carries what was given by hand, and no window from before the customer was there', async () => {
    const limit = rolling();
    till = world.till({ firstSeen: START });
    await till.counter(limit, 0);
    expect(await extraAt(limit, 0, 1)).toBe(0);
    await till.set(0, 'extra = 300');
    expect(await extraAt(limit, 1, DAY)).toBe(400);
  });

  it('carries nothing of a tier whose limit did not carry', async () => {
    const limit = rolling();
    const tiers = [
      { name: 'None', version: 1, from: START, carryUsage: true },
      { name: 'Gold', version: 1, from: START + DAY, carryUsage: true },
    ];
    till = world.till({ firstSeen: START, tiers });
    await till.counter(limit, 0);
    expect(await extraAt(limit, 1, DAY)).toBe(0);
  });

  it('counts leases of a window that a change of zone cut otherwise', async () => {
    const limit = rolling();
    till = world.till({ firstSeen: START });
    await till.counter(limit, 0);
    await till.set(0, `leased = 70, window_end = window_end - ${HOUR}`);
    await till.use(limit, 0, 20);
    expect(await extraAt(limit, 1, DAY + UNOPENED_CARRIES_AFTER_MS)).toBe(100 - 20 - 70);
  });

  it('waits for nobody: a window that somebody holds carries when he has let go', async () => {
    const limit = rolling();
    till = world.till({ firstSeen: START });
    await till.counter(limit, 0);
    await world.dataSource.transaction(async (manager) => {
      await manager.query(
        'SELECT FROM entitlement.counter WHERE customer = $1 AND window_start = $2 FOR UPDATE',
        [till.customer, START],
      );
      expect((await till.look(limit, 1, DAY)).extra).toBe(0);
    });
    expect(await extraAt(limit, 1, DAY)).toBe(100);
  });
});

describe('drip', () => {
  const limit = dayLimit({
    amount: 50,
    replenishment: { kind: 'drip', amount: 10, every: 'PT1H', cap: 40 },
  });

  it('begins full, adds with each interval while less than the cap is unused, says when', async () => {
    expect(await till.counter(limit, 0)).toMatchObject({ amount: 40, extra: 0 });
    expect(await till.look(limit, 0, HOUR)).toEqual({ extra: 0, risesAt: START + 2 * HOUR });
    await till.set(0, 'used = 35');
    expect(await extraAt(limit, 0, 2 * HOUR - 1)).toBe(0);
    expect(await till.look(limit, 0, 4 * HOUR)).toEqual({ extra: 30, risesAt: START + 5 * HOUR });
    expect(await extraAt(limit, 0, 9 * HOUR)).toBe(35);
    expect((await till.look(limit, 0, 23.5 * HOUR)).risesAt).toBeNull();
  });

  it('is switched off with an amount of 0', async () => {
    const off = { ...limit, amount: 0 };
    expect(await till.look(off, 0, 5 * HOUR)).toEqual({ extra: 0, risesAt: null });
  });

  it('comes to the same in the statement of the fold as in the rule', async () => {
    const rule = { amount: 7, everyMs: HOUR, cap: 40 };
    const state = fc.record({
      extra: fc.nat(60),
      used: fc.nat(120),
      drips: fc.nat(30),
      age: fc.nat(40 * HOUR),
    });
    await fc.assert(
      fc.asyncProperty(state, async ({ extra, used, drips, age }) => {
        const own = world.till();
        const { project, customer, name } = await own.counter(limit, 0);
        const now = await clockOf(world.dataSource.manager);
        const windowStart = now - age;
        const columns = `extra = ${extra}, dripped = ${extra}, used = ${used}, drips = ${drips},
          drip_amount = 7, drip_every = ${HOUR}, drip_cap = 40,
          window_start = ${windowStart}, window_end = ${windowStart + 1}`;
        await own.set(0, columns);
        const key = { project, customer, name, windowStart };
        const delta = { ...key, used: 5, leased: 0, overrun: 0, forgiven: 0 };
        await addToCounters(world.dataSource.manager, [delta]);
        const late = await clockOf(world.dataSource.manager);
        const [counter] = await world.dataSource.query<Record<string, string>[]>(
          'SELECT extra, dripped, drips, used FROM entitlement.counter WHERE customer = $1',
          [customer],
        );
        const expected = (at: number) =>
          dripped({ amount: 40 + extra, drips }, rule, { windowStart, used, now: at });
        // An interval may end between the two looks at the clock: then either is right.
        const either = [expected(now), expected(late)];
        const found = { amount: 40 + Number(counter?.extra), drips: Number(counter?.drips) };
        expect(either).toContainEqual(found);
        expect(Number(counter?.dripped)).toBe(Number(counter?.extra));
        expect(Number(counter?.used)).toBe(used + 5);
      }),
      { numRuns: 40 },
    );
  });
});

describe('a tier that begins within a window', () => {
  const gold = { name: 'Gold', version: 1, from: START, carryUsage: true };
  const fresh = { name: 'Pro', version: 1, from: START + 6 * HOUR, carryUsage: false };
  const limit = dayLimit({ amount: 80 });

  it('gives its own amount, and carries what was used', async () => {
    till = world.till({ tiers: [gold, { ...fresh, carryUsage: true }] });
    await till.counter(dayLimit(), 0);
    await till.use(limit, 0, 30);
    const [after] = await world.dataSource.transaction(async (manager) =>
      replenishCounters(manager, [await till.held(limit, 0)], START + 7 * HOUR),
    );
    expect(after?.row).toMatchObject({ amount: 80, extra: 0, used: 30 });
    expect(await till.counter(limit, 0)).toMatchObject({ amount: 80, extra: 0, used: 30 });
  });

  it('that only counts, or counts no more alone, is looked at as what it is', async () => {
    till = world.till({ tiers: [gold] });
    const counting = dayLimit({ onLimit: 'allow' });
    await till.counter(counting, 0);
    for (const [now, isHard] of [
      [dayLimit(), true],
      [counting, false],
    ] as const) {
      await till.look(now, 0, HOUR);
      expect(await till.counter(now, 0)).toMatchObject({ amount: 100, extra: 0, isHard });
    }
  });

  it('without usage is raised by what the totals had until then, once', async () => {
    till = world.till({ tiers: [gold, fresh] });
    await till.counter(limit, 0);
    await till.use(limit, 0, 30);
    expect(await extraAt(limit, 0, 5 * HOUR)).toBe(0);
    expect(await extraAt(limit, 0, 6 * HOUR)).toBe(30);
    await till.use(limit, 0, 10);
    expect(await extraAt(limit, 0, 7 * HOUR)).toBe(30);
    expect(await extraAt(limit, 1, DAY)).toBe(0);
  });
});

it('who only reads sees the same, and writes nothing', async () => {
  const limit = rolling();
  till = world.till({ firstSeen: START });
  await till.counter(limit, 0);
  await till.counter(limit, 1);
  const one = await till.held(limit, 1);
  const [seen] = await asReplenished(world.dataSource.manager, [one], START + DAY);
  expect(seen?.row.extra).toBe(100);
  expect(await till.counter(limit, 1)).toMatchObject({ extra: 0 });
});

it('limits that just start anew cost no statement', async () => {
  const one = await till.held(dayLimit(), 0);
  const none = { query: () => Promise.reject(new Error('a statement')) };
  const found = await replenishCounters(none as never, [one], START + HOUR);
  expect(found).toMatchObject([{ row: one.row, risesAt: null }]);
});
