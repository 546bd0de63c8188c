import type { Appender, Follower, FollowLimits, Log, LogBatch } from '@tallyward/platform';
import { Kafka, logLevel } from 'kafkajs';
import { testbed, type Testbed } from '../testbed/testbed';
import { until } from '../testbed/until';
import { brokenAfterFault } from './after-fault.builder';
import {
  type Appended,
  appenderOf,
  entriesOf,
  logOver,
  PARTITIONS,
  TOPIC,
  wholeLog,
} from './conformance.builder';
import { FaultProxy } from './fault-proxy';
import { Faults, FollowStore, QUICK } from './follow-store.builder';

describe('following a real broker', () => {
  let bed: Testbed;
  let namespace: string;
  let log: Log;
  let store: FollowStore;
  let faults: Faults;
  let appender: Appender;
  let appended: Appended[];
  let made = 0;

  beforeAll(async () => {
    bed = await testbed();
  });

  afterAll(() => bed.close());

  beforeEach(async () => {
    namespace = `${bed.namespace}f${(made += 1)}.`;
    log = logOver(bed.brokers, namespace);
    store = new FollowStore();
    faults = new Faults();
    appender = appenderOf(log);
    appended = [];
    await log.admin.ensureTopics([{ name: TOPIC, partitions: PARTITIONS }]);
  });

  afterEach(() => log.close());

  function follow(
    handle: (batch: LogBatch) => void | Promise<void> = (batch) => store.commit(batch),
    limits: Partial<FollowLimits> = {},
    over = log,
  ): Follower {
    return over.follow({
      topics: [TOPIC],
      group: 'fold',
      position: (_, partition) => store.position(partition),
      onBatch: async (batch) => handle(batch),
      onFatal: faults.take,
      limits: { ...QUICK, ...limits },
    });
  }

  async function append(name: string, count: number): Promise<void> {
    const entries = entriesOf(name, count);
    const outcomes = await appender.append(TOPIC, entries);
    appended.push({ entries, outcomes });
    expect(outcomes.every(({ kind }) => kind === 'acked')).toBe(true);
  }

  /** The one promise after every fault. */
  async function isWhole(): Promise<void> {
    expect(await brokenAfterFault({ truth: log, appender, appended })).toEqual([]);
  }

  const handled = (count: number) =>
    until(() => store.stored.length >= count, { what: `${count} entries handled` });

  it('hands on every entry once, in order, with its place, key, headers and time', async () => {
    await append('a', 500);
    const seen: LogBatch[] = [];
    const follower = follow((batch) => {
      seen.push(batch);
      store.commit(batch);
    });
    await follower.start();
    await handled(500);
    const truth = await wholeLog(log);
    expect(store.doubled).toEqual([]);
    expect([...store.stored].sort()).toEqual([...truth.keys()].sort());
    for (const { partition, entries, from, next } of seen) {
      expect(entries[0]?.offset).toBe(from);
      expect(entries.at(-1)?.offset).toBe(next - 1n);
      for (const entry of entries) {
        const same = truth.get(`${partition}@${entry.offset}`);
        expect([entry.key, String(entry.value)]).toEqual([same?.key, String(same?.value)]);
        expect(entry.headers['ce_id']).toBe(String(entry.value));
        expect(Math.abs(entry.appendedAt - Date.now())).toBeLessThan(60_000);
      }
    }
    await until(() => follower.lag().every(({ lag, end }) => lag === 0n && end > 0n), {
      what: 'no lag',
    });
    expect(follower.health()).toEqual({ healthy: true, reasons: [], assigned: PARTITIONS });
  });

  it('cuts what it fetched into batches of bounded size', async () => {
    await append('a', 300);
    const sizes: number[] = [];
    const follower = follow(
      (batch) => {
        sizes.push(batch.entries.length);
        store.commit(batch);
      },
      { maxBatchEntries: 10 },
    );
    await follower.start();
    await handled(300);
    expect(Math.max(...sizes)).toBe(10);
    expect(store.doubled).toEqual([]);
  });

  it('starts where the store says, whatever the group says', async () => {
    await append('a', 200);
    const first = follow();
    await first.start();
    await handled(200);
    await first.stop();
    const admin = new Kafka({ brokers: [...bed.brokers], logLevel: logLevel.NOTHING }).admin();
    const [topic, groupId] = [`${namespace}${TOPIC}`, `${namespace}fold`];
    for (const earliest of [true, false]) {
      await admin.resetOffsets({ groupId, topic, earliest });
      await append(`b${earliest}`, 100);
      const again = follow();
      await again.start();
      await handled(store.stored.length + 100);
      await again.stop();
    }
    await admin.disconnect();
    expect(store.doubled).toEqual([]);
    expect(store.stored).toHaveLength(400);
    await isWhole();
  });

  it('asks for positions anew when members come and go, and every entry is stored once', async () => {
    const other = logOver(bed.brokers, namespace);
    const [one, two] = [follow(), follow(undefined, {}, other)];
    await one.start();
    await until(() => one.health().assigned === PARTITIONS, { what: 'one has all' });
    let sent = 0;
    let appending = true;
    const load = (async () => {
      for (; appending; sent += 50) await append(`l${sent}`, 50);
    })();
    await two.start();
    const shared = () => one.health().assigned + two.health().assigned === PARTITIONS;
    await until(() => shared() && two.health().assigned > 0, { what: 'partitions shared' });
    const asked = store.asked.length;
    expect(asked).toBeGreaterThanOrEqual(2 * PARTITIONS);
    await two.stop();
    await until(() => one.health().assigned === PARTITIONS, { what: 'one has all again' });
    appending = false;
    await load;
    await handled(sent);
    expect(store.asked.length).toBeGreaterThanOrEqual(asked + PARTITIONS);
    expect(store.doubled).toEqual([]);
    expect(store.stored).toHaveLength(sent);
    await isWhole();
    await other.close();
  });

  it('loses and doubles nothing when a rebalance meets running batches in the middle', async () => {
    await append('a', 1_200);
    const other = logOver(bed.brokers, namespace);
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const first: LogBatch[] = [];
    const slices = { maxBatchEntries: 10, concurrentPartitions: PARTITIONS };
    const one = follow(async (batch) => {
      first.push(batch);
      await held;
      store.commit(batch);
    }, slices);
    await one.start();
    await until(() => new Set(first.map(({ partition }) => partition)).size > 3, {
      what: 'batches held in their first slice',
    });
    const two = follow(undefined, slices, other);
    await two.start();
    const what = 'the rebalance to wait for the running batches';
    await until(async () => (await stateOfGroup()) === 'PreparingRebalance', { what });
    release();
    await handled(1_200);
    await until(() => one.health().assigned > 0 && two.health().assigned > 0, {
      what: 'partitions shared',
    });
    expect(store.doubled).toEqual([]);
    expect(store.stored).toHaveLength(1_200);
    expect(faults.seen).toEqual([]);
    await isWhole();
    await other.close();
  });

  async function stateOfGroup(): Promise<string | undefined> {
    const admin = new Kafka({ brokers: [...bed.brokers], logLevel: logLevel.NOTHING }).admin();
    const { groups } = await admin.describeGroups([`${namespace}fold`]);
    await admin.disconnect();
    return groups[0]?.state;
  }

  it('tells a handler that outlived its membership so; the fence stops it; nothing is lost', async () => {
    await append('a', 120);
    const proxy = await FaultProxy.before(bed.brokers[0] as string);
    const cutOff = logOver([proxy.address], namespace);
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const zombies: LogBatch[] = [];
    const hold = async (batch: LogBatch) => {
      zombies.push(batch);
      await held;
      store.commit(batch);
    };
    const slow = follow(hold, { sessionTimeoutMs: 2_000 }, cutOff);
    await slow.start();
    await until(() => zombies.length > 0, { what: 'a handler held' });
    expect(zombies[0]?.isRevoked()).toBe(false);
    proxy.blackHole();
    const fast = follow();
    await fast.start();
    await handled(120);
    await until(() => zombies.every((batch) => batch.isRevoked()), { what: 'zombies revoked' });
    proxy.heal();
    release();
    await until(() => store.fenced >= zombies.length, { what: 'zombies fenced' });
    expect(store.doubled).toEqual([]);
    expect(store.stored).toHaveLength(120);
    await until(() => slow.health().assigned > 0 && fast.health().assigned < PARTITIONS, {
      what: 'the zombie a member again',
      withinMs: 40_000,
    });
    await append('b', 120);
    await handled(240);
    expect(store.doubled).toEqual([]);
    expect(faults.seen).toEqual([]);
    await isWhole();
    await cutOff.close();
    await proxy.close();
  });

  it('tries a batch again whose handler threw, and lets the other partitions go on', async () => {
    await append('a', 240);
    let failures = 0;
    const partitions = new Set([...(await wholeLog(log)).keys()].map((p) => p.split('@')[0]));
    const bad = Number([...partitions][0]);
    const follower = follow((batch) => {
      if (batch.partition === bad && failures < 4) {
        failures += 1;
        throw new Error('the store is away');
      }
      store.commit(batch);
    });
    await follower.start();
    await handled(240);
    expect(failures).toBe(4);
    const firstBad = store.stored.findIndex((place) => place.startsWith(`${bad}@`));
    const others = new Set(store.stored.slice(0, firstBad).map((place) => place.split('@')[0]));
    expect(others.size).toBe(partitions.size - 1);
    expect(store.doubled).toEqual([]);
  });
});
