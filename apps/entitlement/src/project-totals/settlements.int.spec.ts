import { quotaGrant, TOPICS } from '@tallyward/contracts';
import type { Entry, LogEntry } from '@tallyward/platform';
import { testbed, type Testbed } from '@tallyward/testing';
import type { DataSource } from 'typeorm';
import { openStorage } from '../storage/data-source';
import { storedQuarantine } from '../storage/totals/stored-totals.builder';
import { TotalsStore } from '../storage/totals/totals-store';
import { batchOf, NEVER_READ, NOW } from './fold.builder';
import { HoldOwners } from './hold-owners';
import {
  aHold,
  DAY,
  OTHER,
  OWNER,
  SettlingCustomer,
} from '../storage/leases/settling-customer.builder';
import { TotalsFold } from './totals-fold';

describe('folding settlements into counters and leases', () => {
  let bed: Testbed;
  let dataSource: DataSource;
  let fold: TotalsFold;
  let acme: SettlingCustomer;
  let told: Entry[] = [];
  let customers = 0;

  beforeAll(async () => {
    bed = await testbed();
    dataSource = await openStorage(bed.postgres.entitlement, 'settle-spec', () => undefined);
    const owners = new HoldOwners({
      appender: () => ({
        append: async (topic, entries) => {
          expect(topic).toBe(TOPICS.quotaGrants.name);
          told.push(...entries);
          return entries.map(() => ({ kind: 'unknown' as const, reason: 'a spec' }));
        },
        load: () => ({ queuedBytes: 0, queuedEntries: 0, inFlight: 0, fullness: 0, healthy: true }),
        close: async () => undefined,
      }),
    });
    fold = new TotalsFold(
      new TotalsStore(dataSource),
      { readRange: async ({ to }) => to, readAt: NEVER_READ },
      owners,
    );
  });
  beforeEach(async () => {
    told = [];
    customers += 1;
    acme = new SettlingCustomer(dataSource, `acme-${customers}`);
    await dataSource.query(
      'UPDATE entitlement.log_progress SET next_offset = 0, identity = NULL, reached = NULL',
    );
    await dataSource.query('TRUNCATE entitlement.quarantine');
  });
  afterAll(async () => {
    await dataSource?.destroy();
    await bed?.close();
  });

  const folded = (...entries: LogEntry[]) => fold.fold(batchOf(acme.partition, entries));

  it.each([
    ['less than', 40, { used: 40, leased: 460, overrun: 0 }, 40],
    ['as much as', 100, { used: 100, leased: 400, overrun: 0 }, 100],
    ['more than', 130, { used: 130, leased: 400, overrun: 0 }, 100],
  ])('a call that used %s its hold', async (_, tokens, expected, paid) => {
    await acme.open(acme.counter('tokens'));
    const lease = await acme.lease('tokens', 500);
    await folded(acme.call(0, tokens, { hold: aHold({ parts: [[lease, 100]] }) }));
    expect(await acme.counters()).toEqual([{ name: 'tokens', ...expected }]);
    expect(await acme.settled(lease)).toEqual([paid]);
    expect(await acme.overruns()).toEqual([]);
  });

  it('what is used above a hold and passes the amount beside what is leased is overrun', async () => {
    await acme.open(acme.counter('tokens', { amount: 90, extra: 10 }));
    const lease = await acme.lease('tokens', 100);
    await folded(
      acme.call(0, 60, { hold: aHold({ parts: [[lease, 50]] }) }),
      acme.call(1, 5),
      acme.call(2, 50, { hold: aHold({ number: 2, parts: [[lease, 50]] }) }),
    );
    expect(await acme.counters()).toEqual([{ name: 'tokens', used: 115, leased: 0, overrun: 15 }]);
    expect(await acme.overruns()).toEqual([
      { name: 'tokens', id: 'e0', offset: 0, quantity: 10, why: 'above-hold' },
      { name: 'tokens', id: 'e1', offset: 1, quantity: 5, why: 'no-hold' },
    ]);
  });

  it('a limit that allows has overage and no overrun', async () => {
    await acme.open(acme.counter('tokens', { amount: 100, isHard: false }));
    await folded(acme.call(0, 70), acme.call(1, 70));
    expect(await acme.counters()).toEqual([{ name: 'tokens', used: 140, leased: 0, overrun: 0 }]);
    expect(await acme.overruns()).toEqual([]);
  });

  it('late: a closed lease pays nothing, the whole counts, and says so where it passes', async () => {
    await acme.open(acme.counter('tokens', { amount: 100 }));
    const lease = await acme.lease('tokens', 100);
    await acme.close(lease);
    const next = await acme.lease('tokens', 80);
    await folded(acme.call(0, 50, { hold: aHold({ parts: [[lease, 60]] }) }));
    expect(await acme.counters()).toEqual([{ name: 'tokens', used: 50, leased: 80, overrun: 30 }]);
    expect(await acme.settled(lease, next)).toEqual([0, 0]);
    expect(await acme.overruns()).toEqual([
      { name: 'tokens', id: 'e0', offset: 0, quantity: 30, why: 'late' },
    ]);
  });

  it('nothing twice: copies, repeated batches and zombies change nothing', async () => {
    await acme.open(acme.counter('tokens'));
    const lease = await acme.lease('tokens', 500);
    const hold = aHold({ settledBy: OTHER, parts: [[lease, 100]] });
    const batch = [acme.call(0, 40, { id: 'a', hold }), acme.call(1, 40, { id: 'a', hold })];
    await folded(...batch);
    await expect(folded(...batch)).rejects.toThrow('comes too late');
    await folded(acme.call(2, 40, { id: 'a', hold }), acme.call(3, 7, { id: 'b' }));
    expect(await acme.counters()).toEqual([{ name: 'tokens', used: 47, leased: 460, overrun: 0 }]);
    expect(await acme.settled(lease)).toEqual([40]);
    expect(told).toHaveLength(1);
  });

  it('a second settlement with other content goes aside and pays nothing', async () => {
    await acme.open(acme.counter('tokens'));
    const lease = await acme.lease('tokens', 500);
    const hold = aHold({ settledBy: OTHER, parts: [[lease, 100]] });
    await folded(
      acme.call(0, 40, { id: 'hold', hold }),
      acme.call(1, 90, { id: 'hold', hold, sent: 'other' }),
    );
    await folded(acme.call(2, 100, { id: 'hold', hold, sent: 'more' }));
    expect(await acme.counters()).toEqual([{ name: 'tokens', used: 40, leased: 460, overrun: 0 }]);
    const aside = (await storedQuarantine(dataSource)).map(({ offset, reason }) => [
      offset,
      reason,
    ]);
    expect(aside).toEqual([
      ['1', 'id-conflict'],
      ['2', 'id-conflict'],
    ]);
    expect(told).toHaveLength(1);
  });

  it('one call pays two limits from the leases of each', async () => {
    await acme.open(acme.counter('calls', { unit: 'calls' }), acme.counter('tokens'));
    const [calls, tokens] = [await acme.lease('calls', 10), await acme.lease('tokens', 500)];
    const parts = [
      [calls, 1],
      [tokens, 100],
    ] as const;
    await folded(
      acme.call(0, 30, { hold: aHold({ parts }) }),
      acme.call(1, 80, { hold: aHold({ number: 2, parts }) }),
    );
    expect(await acme.counters()).toEqual([
      { name: 'calls', used: 2, leased: 8, overrun: 0 },
      { name: 'tokens', used: 110, leased: 390, overrun: 0 },
    ]);
    expect(await acme.settled(calls, tokens)).toEqual([2, 110]);
  });

  it('a model of another group than was held counts there without a hold', async () => {
    const limit = (modelGroup: string) => acme.counter(modelGroup, { modelGroup, amount: 100 });
    await acme.open(limit('premium'), limit('standard'));
    const lease = await acme.lease('premium', 50);
    const hold = aHold({ parts: [[lease, 50]] });
    await folded(acme.call(0, 30, { modelGroup: 'standard', hold }));
    expect(await acme.counters()).toEqual([
      { name: 'premium', used: 0, leased: 50, overrun: 0 },
      { name: 'standard', used: 30, leased: 0, overrun: 0 },
    ]);
    await folded(acme.call(1, 80, { modelGroup: 'standard', hold: { ...hold, number: 2 } }));
    expect(await acme.overruns()).toEqual([
      { name: 'standard', id: 'e1', offset: 1, quantity: 10, why: 'no-hold' },
    ]);
  });

  it('a hold of two leases of one limit is paid by them in its order, each up to its part', async () => {
    await acme.open(acme.counter('tokens'));
    const [first, second] = [await acme.lease('tokens', 60), await acme.lease('tokens', 100)];
    const parts = [
      [second, 20],
      [first, 60],
    ] as const;
    await folded(acme.call(0, 50, { hold: aHold({ parts }) }));
    expect(await acme.settled(first, second)).toEqual([30, 20]);
    await folded(acme.call(1, 500, { hold: aHold({ number: 2, parts }) }));
    expect(await acme.settled(first, second)).toEqual([60, 40]);
    expect(await acme.counters()).toEqual([{ name: 'tokens', used: 550, leased: 60, overrun: 0 }]);
  });

  it("another customer's lease, one that never was and one named twice pay no more than theirs", async () => {
    const other = new SettlingCustomer(dataSource, `other-${customers}`);
    await acme.open(acme.counter('tokens'));
    await other.open(other.counter('tokens'));
    const [mine, foreign] = [await acme.lease('tokens', 10), await other.lease('tokens', 100)];
    const parts = [
      [foreign, 100],
      [999_999_999, 5],
      [mine, 10],
      [mine, 10],
    ] as const;
    await folded(acme.call(0, 50, { hold: aHold({ parts }) }));
    expect(await acme.counters()).toEqual([{ name: 'tokens', used: 50, leased: 0, overrun: 0 }]);
    expect(await acme.settled(mine, foreign)).toEqual([10, 0]);
  });

  it('what is added to a minute or a first-use window begins when an ask has opened it', async () => {
    const minute = { from: NOW - (NOW % 60_000), to: NOW - (NOW % 60_000) + 60_000 };
    await folded(acme.call(0, 10));
    await acme.open(
      acme.counter('first use', { window: { from: NOW, to: NOW + 5_000 }, isOnQuarters: false }),
      acme.counter('minute', { window: minute, isOnQuarters: false }),
      acme.counter('today', { window: DAY }),
    );
    await folded(acme.call(1, 20), acme.call(2, 5, { time: NOW - 1 }));
    const used = (await acme.counters()).map((counter) => [counter.name, counter.used]);
    expect(used).toEqual([
      ['first use', 20],
      ['minute', 25],
      ['today', 35],
    ]);
  });

  it('owners are told of holds that others settled, and of no other', async () => {
    await acme.open(acme.counter('tokens'));
    const lease = await acme.lease('tokens', 500);
    const hold = (number: number, settledBy: string) =>
      aHold({ number, settledBy, parts: [[lease, 10]] });
    const labels = { user: 'u-1', workspace: 'w' };
    await folded(
      acme.call(0, 4, { hold: hold(7, OTHER), ...labels }),
      acme.call(1, 4, { hold: hold(8, OWNER) }),
      acme.call(2, 4),
      acme.call(3, 9, { hold: hold(9, OTHER), modelGroup: 'standard' }),
    );
    expect(told.map(({ key }) => key)).toEqual([OWNER]);
    const said = quotaGrant.parse(JSON.parse(String(told[0]?.value)));
    expect(said).toMatchObject({
      type: 'hold.settled',
      gateway: OWNER,
      holds: [
        { hold: 7, modelGroup: 'premium', role: '', ...labels, amounts: { calls: 1, tokens: 4 } },
        { hold: 9, modelGroup: 'standard', user: '', amounts: { calls: 1, tokens: 9 } },
      ],
    });
  });
});
