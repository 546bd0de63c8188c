import { TOPICS } from '@tallyward/contracts';
import type { LogFault } from '@tallyward/platform';
import { testbed, until, type Testbed } from '@tallyward/testing';
import { Kafka, logLevel } from 'kafkajs';
import type { DataSource } from 'typeorm';
import { openStorage } from '../storage/data-source';
import { storedQuarantine, storedSums } from '../storage/totals/stored-totals.builder';
import { TotalsStore } from '../storage/totals/totals-store';
import { HoldOwners } from './hold-owners';
import { rowKey } from './naive-totals.builder';
import { TotalsFold } from './totals-fold';
import { TOTALS_GROUP, UsageLogConsumer } from './usage-log.consumer';
import { stream, UsageLog } from './usage-log.builder';

const TOPIC = TOPICS.usageEvents.name;
const DEADLINE_MS = 40_000;
jest.setTimeout(120_000);

/** A member of the fold's group, as a process has one. */
function member(store: TotalsStore, { log }: UsageLog) {
  const faults: Error[] = [];
  const fold = new TotalsFold(store, log, new HoldOwners(log));
  const consumer = new UsageLogConsumer(log, (fault) => faults.push(fault), store, fold);
  return { consumer, faults };
}

describe('following the usage log', () => {
  let bed: Testbed;
  let usage: UsageLog;
  let dataSource: DataSource;
  let store: TotalsStore;
  const running = new Set<UsageLogConsumer>();

  beforeEach(async () => {
    bed = await testbed();
    usage = await UsageLog.open(bed);
    dataSource = await openStorage(bed.postgres.entitlement, 'usage-log-spec', () => undefined);
    store = new TotalsStore(dataSource);
  });

  afterEach(async () => {
    for (const consumer of running) await consumer.onModuleDestroy();
    running.clear();
    await usage?.close();
    await dataSource?.destroy();
    await bed?.close();
  });

  async function started(): Promise<ReturnType<typeof member>> {
    const one = member(store, usage);
    running.add(one.consumer);
    await one.consumer.onApplicationBootstrap();
    return one;
  }

  async function drained(): Promise<void> {
    const ends = await usage.ends();
    await until(
      async () => {
        const progress = await store.progress(TOPIC);
        return progress.every(({ partition, next }) => next >= (ends.get(partition) ?? 0n));
      },
      { what: 'the fold to reach the end of the log', withinMs: DEADLINE_MS },
    );
  }

  async function expectModel(): Promise<void> {
    const { totals, conflicts, parked } = await usage.model();
    expect(await storedSums(dataSource, rowKey)).toEqual(totals);
    const reasons = (await storedQuarantine(dataSource)).map(({ reason }) => reason);
    expect(reasons).toHaveLength(parked);
    expect(reasons.filter((reason) => reason === 'id-conflict')).toHaveLength(conflicts);
    expect(conflicts).toBeGreaterThan(0);
  }

  it('folds what is there and what comes, past tombstones and poison', async () => {
    await usage.append(stream('before', 400));
    const { consumer, faults } = await started();
    await usage.append(stream('after', 400));
    await drained();
    await expectModel();
    expect(faults).toEqual([]);
    expect(consumer.health()).toEqual({ ok: true });
  });

  it('starts where Postgres is, whatever the group has stored', async () => {
    await usage.append(stream('first', 200));
    const ends = await usage.ends();
    const kafka = new Kafka({ brokers: [...bed.brokers], logLevel: logLevel.NOTHING });
    const admin = kafka.admin();
    await admin.connect();
    await admin.setOffsets({
      groupId: `${bed.namespace}${TOTALS_GROUP}`,
      topic: `${bed.namespace}${TOPIC}`,
      partitions: [...ends].map(([partition, end]) => ({ partition, offset: String(end) })),
    });
    await admin.disconnect();
    await started();
    await drained();
    await expectModel();
  });

  it('members that come and go under load fold everything once', async () => {
    const first = await started();
    await usage.append(stream('begin', 200));
    await drained();
    for (let round = 0; round < 2; round += 1) {
      const appending = usage.append(stream(`round-${round}`, 600));
      const second = await started();
      const owned = () => second.consumer.lag().length > 0;
      await until(owned, { what: 'the second member to own partitions', withinMs: DEADLINE_MS });
      await appending;
      await usage.append(stream(`more-${round}`, 200));
      await second.consumer.onModuleDestroy();
      running.delete(second.consumer);
    }
    await drained();
    await expectModel();
    expect(first.faults).toEqual([]);
  });

  it('stops visibly where the store is past the end of the log', async () => {
    await usage.append(stream('short', 40));
    await dataSource.query('UPDATE entitlement.log_progress SET next_offset = 1000');
    const { faults } = await started();
    const fault = await until(() => faults[0] as LogFault, { what: 'a fault' });
    expect(fault.code).toBe('position-past-end');
    expect(await storedSums(dataSource, rowKey)).toEqual({});
  });

  it('stops visibly when the topic was made anew, and changes no row', async () => {
    await usage.append(stream('old', 40));
    const { consumer } = await started();
    await drained();
    await consumer.onModuleDestroy();
    const before = await storedSums(dataSource, rowKey);
    await dataSource.query(
      "UPDATE entitlement.log_progress SET identity = 'cluster/of-old', next_offset = 0",
    );
    const { faults } = await started();
    const fault = await until(() => faults[0] as LogFault, { what: 'a fault' });
    expect(fault.code).toBe('topic-made-anew');
    expect(await storedSums(dataSource, rowKey)).toEqual(before);
  });
});
