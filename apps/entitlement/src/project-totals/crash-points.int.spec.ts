import { TOPICS } from '@tallyward/contracts';
import { LIFETIME } from '@tallyward/domain';
import { testbed, Trap, until, type Service, type Testbed } from '@tallyward/testing';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { OPERATOR_KEY } from '../entitlement.builder';
import { openStorage } from '../storage/data-source';
import { aHold, OTHER, OWNER, SettlingCustomer } from '../storage/leases/settling-customer.builder';
import { storedQuarantine, storedSums } from '../storage/totals/stored-totals.builder';
import { TotalsStore } from '../storage/totals/totals-store';
import { FOLD_CRASH_POINTS } from './fold-batch';
import { naiveCounter } from './naive-counter.builder';
import { rowKey } from './naive-totals.builder';
import { stream, toAppend, UsageLog } from './usage-log.builder';

const DEADLINE_MS = 60_000;
const LEASED = 500;
/** Past the spec's end: nothing is reclaimed. */
const LASTS_MS = 3_600_000;
jest.setTimeout(480_000);

describe('kill -9', () => {
  let bed: Testbed;
  let usage: UsageLog;
  let dataSource: DataSource;
  let streams = 0;
  let holders: { who: SettlingCustomer; lease: number }[] = [];

  beforeEach(async () => {
    bed = await testbed({ own: ['postgres'] });
    usage = await UsageLog.open(bed);
    dataSource = await openStorage(bed.postgres.entitlement, 'crash-spec', () => undefined);
    streams = 0;
    holders = [];
  });

  afterEach(async () => {
    await usage?.close();
    await dataSource?.destroy();
    await bed?.close();
  });

  const spawned = (more: Record<string, string> = {}): Promise<Service> =>
    bed.spawnService('entitlement', { TALLYWARD_OPERATOR_KEY: OPERATOR_KEY, ...more });

  /** Usage as it comes, and calls of half the customers that settle holds, also of others. */
  async function append(count: number): Promise<void> {
    streams += 1;
    const settled = holders.flatMap(({ who, lease }) =>
      [1, 2, 3].map((n) => {
        const number = 10 * streams + n;
        const hold = aHold({ number, parts: [[lease, n]], settledBy: n === 2 ? OTHER : OWNER });
        const times = { time: Date.now(), appendedAt: Date.now() };
        const id = `${OWNER}.${number}`;
        return toAppend({ customer: who.customer, source: 'hold', id, hold, ...times });
      }),
    );
    await usage.append([...stream(`s${streams}`, count), ...settled]);
  }

  /** Customers of the stream whose tokens are limited, and all leased to one gateway. */
  async function limited(): Promise<void> {
    holders = await Promise.all(
      ['c-0', 'c-1', 'c-2', 'c-3', 'c-4', 'c-5'].map(async (customer) => {
        const who = new SettlingCustomer(dataSource, customer);
        await who.open(who.counter('tokens', { window: LIFETIME, amount: LEASED }));
        const terms = { windowStart: LIFETIME.from, settleUntil: Date.now() + LASTS_MS };
        return { who, lease: await who.lease('tokens', LEASED, terms) };
      }),
    );
  }

  async function drained(): Promise<void> {
    const ends = await usage.ends();
    const store = new TotalsStore(dataSource);
    await until(
      async () => {
        const progress = await store.progress(TOPICS.usageEvents.name);
        return progress.every(({ partition, next }) => next >= (ends.get(partition) ?? 0n));
      },
      { what: 'the fold to reach the end of the log', withinMs: DEADLINE_MS },
    );
  }

  async function expectModel(): Promise<void> {
    const { totals, parked } = await usage.model();
    expect(await storedSums(dataSource, rowKey)).toEqual(totals);
    expect(await storedQuarantine(dataSource)).toHaveLength(parked);
    for (const { who, lease } of holders) {
      const log = await usage.good(who.partition);
      const model = naiveCounter(log, who.customer, { amount: LEASED, leased: LEASED });
      expect([who.customer, await who.counters()]).toEqual([
        who.customer,
        [{ name: 'tokens', ...model }],
      ]);
      expect(await who.settled(lease)).toEqual([LEASED - model.leased]);
      const overruns = (await who.overruns()).map(({ quantity }) => quantity);
      expect(overruns.reduce((sum, quantity) => sum + quantity, 0)).toBe(model.overrun);
    }
  }

  it('between any two effects of a batch loses nothing and doubles nothing', async () => {
    await limited();
    const trap = new Trap(join(bed.directory, 'trap'));
    // Few batches have a void.
    const ofVoids: readonly string[] = ['totals.after-renewed', 'totals.after-voids'];
    for (const point of FOLD_CRASH_POINTS) {
      trap.set([ofVoids.includes(point) ? point : `${point}#3`]);
      await spawned(trap.environment());
      await append(100);
      await trap.sprung(1);
      expect(trap.deaths()).toEqual([point]);
    }
    await spawned();
    await append(100);
    await drained();
    await expectModel();
  });

  it('of Postgres under load delays the fold, and nothing more', async () => {
    const service = await spawned();
    const { pid } = service;
    for (let kills = 0; kills < 2; kills += 1) {
      await append(1_000);
      bed.kill('postgres');
      await append(1_000);
      await bed.serves('postgres');
    }
    await drained();
    await expectModel();
    expect(service.pid).toBe(pid);
  });
});
