import { amountsRecord, QUARTER_MS, type TotalsRow } from '@tallyward/domain';
import { testbed, type Testbed } from '@tallyward/testing';
import type { DataSource } from 'typeorm';
import { openStorage } from '../data-source';
import { LIVE_TABLES } from '../totals/tables';
import { addTotals } from '../totals/totals';
import { advance } from '../totals/progress';
import { lockCounters, type NewCounter, openCounters } from './counters';
import { grantLeases, OverLeased } from './leases';

const TOPIC = 'usage.events.v1';
const DAY = { from: 96 * QUARTER_MS, to: 192 * QUARTER_MS };
let bed: Testbed;
let dataSource: DataSource;
let owner: { project: string; customer: string };
const PLACE = { topic: TOPIC, partition: 3 };
let lastCustomer = 0;

beforeAll(async () => {
  bed = await testbed();
  dataSource = await openStorage(bed.postgres.entitlement, 'leases-spec', () => undefined);
});
beforeEach(() => {
  owner = { project: 'demo', customer: `c${(lastCustomer += 1)}` };
});
afterAll(async () => {
  await dataSource?.destroy();
  await bed?.close();
});

const aCounter = (more: Partial<NewCounter> = {}): NewCounter => ({
  ...owner,
  name: 'calls a day',
  scope: 'customer',
  scopeValue: owner.customer,
  modelGroup: '*',
  unit: 'calls',
  window: DAY,
  amount: 100,
  extra: 0,
  isHard: true,
  isOnQuarters: true,
  ...more,
});
const keyOf = ({ name, window }: NewCounter) => ({
  ...owner,
  name,
  windowStart: window.from,
});

const usage = (more: Partial<TotalsRow['key']> = {}, calls = 1): TotalsRow => ({
  key: {
    project: owner.project,
    customer: owner.customer,
    quarter: DAY.from,
    workspace: '',
    user: '',
    role: '',
    model: 'm',
    modelGroup: 'premium',
    ...more,
  },
  amounts: { ...amountsRecord(() => 0), calls, tokens: 10 * calls },
  proof: 1n,
});

const opened = (counters: NewCounter[]) =>
  dataSource.transaction(async (manager) => {
    await openCounters(manager, PLACE, counters);
    return lockCounters(manager, counters.map(keyOf));
  });

describe('a counter opens with what was used in its window', () => {
  it('of its scope, model group and unit, from its first quarter to its last', async () => {
    await addTotals(dataSource.manager, LIVE_TABLES.totals, 3, [
      usage({ quarter: DAY.from - QUARTER_MS }, 1),
      usage({}, 2),
      usage({ quarter: DAY.to - QUARTER_MS, user: 'u-1' }, 4),
      usage({ modelGroup: 'standard', user: 'u-1', workspace: 'w', role: 'r' }, 8),
      usage({ quarter: DAY.to }, 16),
    ]);
    const counters = [
      aCounter({ name: 'a' }),
      aCounter({ name: 'b', modelGroup: 'premium', unit: 'tokens' }),
      aCounter({ name: 'c', scope: 'user', scopeValue: 'u-1' }),
      aCounter({ name: 'd', scope: 'workspace', scopeValue: 'w' }),
      aCounter({ name: 'e', scope: 'role', scopeValue: 'r', modelGroup: 'premium' }),
      aCounter({ name: 'f', isOnQuarters: false }),
    ];
    const used = (await opened(counters)).map((row) => [row.name, row.used]);
    expect(used).toEqual([
      ['a', 14],
      ['b', 60],
      ['c', 12],
      ['d', 8],
      ['e', 0],
      ['f', 0],
    ]);
  });

  it('of many values of a scope at once as of each alone', async () => {
    const users = Array.from({ length: 12 }, (_, n) => `u-${n}`);
    await addTotals(dataSource.manager, LIVE_TABLES.totals, 3, [
      usage({ user: 'u-1', quarter: DAY.from - QUARTER_MS }, 1),
      usage({ user: 'u-1' }, 2),
      usage({ user: 'u-1', modelGroup: 'standard', quarter: DAY.to - QUARTER_MS }, 4),
      usage({ user: 'u-2', workspace: 'u-1', role: 'u-1' }, 8),
      usage({ user: 'u-1', quarter: DAY.to }, 16),
      usage({ workspace: 'u-3' }, 32),
    ]);
    const kinds: Partial<NewCounter>[] = [
      { scope: 'user' },
      { scope: 'user', modelGroup: 'premium', unit: 'tokens' },
      { scope: 'workspace', window: { from: DAY.from, to: DAY.to - QUARTER_MS } },
      { scope: 'user', isOnQuarters: false },
    ];
    const counters = kinds.flatMap((kind, n) =>
      users.map((scopeValue) => aCounter({ ...kind, scopeValue, name: `${n} ${scopeValue}` })),
    );
    const used = (await opened(counters)).map((row) => [row.name, row.used]);
    expect(used.filter(([, of]) => of !== 0)).toEqual([
      ['0 u-1', 6],
      ['0 u-2', 8],
      ['1 u-1', 20],
      ['1 u-2', 80],
      ['2 u-1', 8],
      ['2 u-3', 32],
    ]);
    expect(used).toHaveLength(counters.length);
  });

  it('once: opened again it keeps what it is', async () => {
    await opened([aCounter({ extra: 7 })]);
    await addTotals(dataSource.manager, LIVE_TABLES.totals, 3, [usage()]);
    expect(await opened([aCounter({ amount: 5 })])).toMatchObject([
      { used: 0, leased: 0, amount: 100, extra: 7, windowEnd: DAY.to },
    ]);
  });

  it('anew up to where it ends by now, if the zone or anchor moved that alone', async () => {
    const rows = [usage({}, 2), usage({ quarter: DAY.to }, 16)];
    await addTotals(dataSource.manager, LIVE_TABLES.totals, 3, rows);
    const [before] = await opened([aCounter()]);
    const longer = { from: DAY.from, to: DAY.to + QUARTER_MS };
    const [after] = await opened([aCounter({ window: longer })]);
    expect([before?.windowEnd, after?.windowEnd]).toEqual([DAY.to, longer.to]);
    expect((after?.used ?? 0) - (before?.used ?? 0)).toBe(16);
  });

  it('and no batch of the fold comes between', async () => {
    const opening = dataSource.createQueryRunner();
    await opening.startTransaction();
    await openCounters(opening.manager, PLACE, [aCounter()]);
    let isFolded = false;
    const batch = { topic: TOPIC, partition: 3, identity: 'cluster/topic', reached: 0 };
    const [before] = await dataSource.query<{ next_offset: string }[]>(
      'SELECT next_offset FROM entitlement.log_progress WHERE topic = $1 AND partition = 3',
      [TOPIC],
    );
    const from = BigInt(before?.next_offset ?? 0);
    const folding = dataSource
      .transaction((manager) => advance(manager, { ...batch, from, next: from + 1n }))
      .then(() => (isFolded = true));
    const waiting = `SELECT FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    while ((await dataSource.query<unknown[]>(waiting)).length === 0) expect(isFolded).toBe(false);
    await opening.commitTransaction();
    await opening.release();
    await folding;
  });
});

describe('granting', () => {
  const lease = (granted: number, counter = aCounter()) => ({
    ...keyOf(counter),
    partition: 3,
    gateway: 'gateway-1.x',
    granted,
    issuedAt: DAY.from,
    spendUntil: DAY.from + 20_000,
    settleUntil: DAY.from + 320_000,
  });

  it('moves slices of all counters of an ask, and numbers the leases', async () => {
    const counters = [
      aCounter(),
      aCounter({ name: 'tokens a day', unit: 'tokens', amount: 5_000 }),
    ];
    await opened(counters);
    const slices = counters.map((counter, n) => lease([3, 400][n] ?? 0, counter));
    const numbers = await dataSource.transaction((manager) => grantLeases(manager, slices));
    expect(new Set(numbers).size).toBe(2);
    expect((await opened(counters)).map(({ leased }) => leased)).toEqual([3, 400]);
  });

  it('grants nothing of an ask whose last counter has too little', async () => {
    const counters = [aCounter(), aCounter({ name: 'tokens a day', unit: 'tokens', amount: 10 })];
    await opened(counters);
    const slices = counters.map((counter) => lease(11, counter));
    const granting = dataSource.transaction((manager) => grantLeases(manager, slices));
    await expect(granting).rejects.toThrow(OverLeased);
    expect((await opened(counters)).map(({ leased }) => leased)).toEqual([0, 0]);
  });

  it('sells a limit to its last unit and not one more, however many ask at once', async () => {
    const counter = aCounter({ amount: 100, extra: 11 });
    await opened([counter]);
    const granted = await Promise.all(
      Array.from({ length: 150 }, () =>
        dataSource
          .transaction((manager) => grantLeases(manager, [lease(1)]))
          .then(() => 1)
          .catch((error: unknown) => {
            if (error instanceof OverLeased) return 0;
            throw error;
          }),
      ),
    );
    expect(granted.filter((one) => one === 1)).toHaveLength(111);
    expect(await opened([counter])).toMatchObject([{ leased: 111, used: 0 }]);
  });
});
