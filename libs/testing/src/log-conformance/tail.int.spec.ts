import { type Log, type LogEntry, partitionOf } from '@tallyward/platform';
import { Kafka, logLevel } from 'kafkajs';
import { testbed, type Testbed } from '../testbed/testbed';
import { until } from '../testbed/until';
import { logOver, textOf } from './conformance.builder';
import { FaultProxy } from './fault-proxy';
import { Faults } from './follow-store.builder';

const SNAPSHOTS = 'snapshots.v1';

describe('tailing a compacted topic', () => {
  let bed: Testbed;
  let namespace: string;
  let proxy: FaultProxy;
  let log: Log;
  let truth: Log;
  let made = 0;

  beforeAll(async () => {
    bed = await testbed();
  });

  afterAll(() => bed.close());

  beforeEach(async () => {
    namespace = `${bed.namespace}s${(made += 1)}.`;
    proxy = await FaultProxy.before(bed.brokers[0] as string);
    truth = logOver(bed.brokers, namespace);
    log = logOver([proxy.address], namespace);
    const configs = {
      'cleanup.policy': 'compact',
      'segment.ms': '100',
      'min.cleanable.dirty.ratio': '0.001',
      'min.compaction.lag.ms': '0',
      'max.compaction.lag.ms': '100',
    };
    await truth.admin.ensureTopics([{ name: SNAPSHOTS, partitions: 3, configs }]);
  });

  afterEach(async () => {
    await log.close();
    await truth.close();
    await proxy.close();
  });

  function tailOf(faults: Faults) {
    const state = new Map<string, string>();
    const order: string[] = [];
    const tail = log.tail({
      topic: SNAPSHOTS,
      onEntries: (_, entries: LogEntry[]) => {
        for (const entry of entries) state.set(String(entry.key), textOf(entry));
      },
      onCaughtUp: () => order.push(`caught up with ${state.size}`),
      onFatal: faults.take,
    });
    return { tail, state, order };
  }

  async function put(name: string, keys: number): Promise<void> {
    const appender = truth.appender({ partitions: { [SNAPSHOTS]: 3 } });
    const entries = Array.from({ length: keys }, (_, i) => ({
      key: `p:${i}`,
      value: `${name}-${i}`,
    }));
    const outcomes = await appender.append(SNAPSHOTS, entries);
    expect(outcomes.every(({ kind }) => kind === 'acked')).toBe(true);
  }

  it('reads it to the end before it says so, and then hears what comes within a second', async () => {
    await put('old', 60);
    await put('new', 60);
    const faults = new Faults();
    const { tail, state, order } = tailOf(faults);
    await tail.start();
    expect(order).toEqual(['caught up with 60']);
    expect([...state.values()].every((value) => value.startsWith('new'))).toBe(true);
    await put('later', 1);
    await until(() => state.get('p:0') === 'later-0', { what: 'the change', withinMs: 1_000 });
    expect(Date.now() - tail.lastHeardAt()).toBeLessThan(2_000);
    expect(faults.seen).toEqual([]);
  });

  it('is caught up at once on an empty topic', async () => {
    const { tail, order } = tailOf(new Faults());
    await tail.start();
    expect(order).toEqual(['caught up with 0']);
  });

  it('passes the holes that compaction left, at the end of the log too', async () => {
    for (const name of ['a', 'b', 'c']) await put(name, 60);
    const appender = truth.appender({ partitions: { [SNAPSHOTS]: 3 } });
    const size = async () => {
      let entries = 0;
      for (const [partition, to] of await truth.admin.endOffsets(SNAPSHOTS)) {
        const onEntries = (found: LogEntry[]) => void (entries += found.length);
        await truth.readRange({ topic: SNAPSHOTS, partition, from: 0n, to, onEntries });
      }
      return entries;
    };
    await until(
      async () => {
        // The cleaner leaves the newest segment alone: something must be appended after it.
        await appender.append(SNAPSHOTS, [{ key: 'p:roll', value: `${Date.now()}` }]);
        return (await size()) < 150;
      },
      { what: 'the cleaner', withinMs: 40_000, everyMs: 500 },
    );
    const { tail, state } = tailOf(new Faults());
    await tail.start();
    expect(state.get('p:7')).toBe('c-7');
    expect(tail.caughtUp()).toBe(true);
  });

  it('reads one partition alone, from its end, and on through a broken connection', async () => {
    await put('old', 60);
    const taken: string[] = [];
    const partition = partitionOf('p:0', 3);
    const places = new Set<number>();
    const faults = new Faults();
    const tail = log.tail({
      topic: SNAPSHOTS,
      partition,
      from: 'end',
      onEntries: (place, entries: LogEntry[]) => {
        places.add(place);
        taken.push(...entries.map(textOf));
      },
      onCaughtUp: () => undefined,
      onFatal: faults.take,
    });
    await tail.start();
    await put('new', 60);
    const mine = Array.from({ length: 60 }, (_, i) => i).filter(
      (i) => partitionOf(`p:${i}`, 3) === partition,
    );
    const texts = (name: string) => mine.map((i) => `${name}-${i}`);
    await until(() => taken.length === mine.length, { what: 'the new ones' });
    proxy.reset();
    await put('later', 60);
    await until(() => taken.length === 2 * mine.length, { what: 'the later ones' });
    expect(taken).toEqual([...texts('new'), ...texts('later')]);
    expect([...places]).toEqual([partition]);
    expect(faults.seen).toEqual([]);
  });

  it('goes on at the end when retention took what it was to read', async () => {
    const topic = 'news.v1';
    await truth.admin.ensureTopics([{ name: topic, partitions: 1 }]);
    const appender = truth.appender({ partitions: { [topic]: 1 } });
    const say = (value: string) => appender.append(topic, [{ key: 'k', value }]);
    const taken: string[] = [];
    const faults = new Faults();
    const tail = log.tail({
      topic,
      from: 'end',
      onEntries: (_, entries: LogEntry[]) => void taken.push(...entries.map(textOf)),
      onCaughtUp: () => undefined,
      onFatal: faults.take,
    });
    await tail.start();
    proxy.blackHole();
    await say('lost');
    await retentionTakes(bed.brokers, `${namespace}${topic}`);
    proxy.heal();
    const hears = async () => {
      await say('after');
      return taken.includes('after');
    };
    await until(hears, { what: 'what came after', withinMs: 20_000, everyMs: 100 });
    expect(taken).not.toContain('lost');
    expect(faults.seen).toEqual([]);
  });

  it('is silent while what it reads can not be taken in, however well the broker answers', async () => {
    let refuses = false;
    const taken: string[] = [];
    const tail = log.tail({
      topic: SNAPSHOTS,
      onEntries: (_, entries: LogEntry[]) => {
        if (refuses) throw new Error('the taker is at fault');
        taken.push(...entries.map(textOf));
      },
      onCaughtUp: () => undefined,
      onFatal: () => undefined,
    });
    await tail.start();
    refuses = true;
    await put('late', 1);
    await until(() => Date.now() - tail.lastHeardAt() > 1_500, { what: 'the silence to show' });
    refuses = false;
    await until(() => taken.includes('late-0'), { what: 'the entry to be taken' });
    await until(() => Date.now() - tail.lastHeardAt() < 1_000, { what: 'it to be alive' });
  });

  it('goes on where it was after its connections were reset or swallowed', async () => {
    await put('old', 30);
    const faults = new Faults();
    const { tail, state } = tailOf(faults);
    await tail.start();
    proxy.reset();
    await put('mid', 1);
    await until(() => state.get('p:0') === 'mid-0', { what: 'the change after a reset' });
    proxy.blackHole();
    await put('new', 1);
    proxy.heal();
    await until(() => state.get('p:0') === 'new-0', { what: 'the change', withinMs: 30_000 });
    expect(faults.seen).toEqual([]);
  });

  it('reads a range that ends where it was told, and refuses one past the end', async () => {
    await put('a', 60);
    const ends = await truth.admin.endOffsets(SNAPSHOTS);
    const [partition, end] = [...ends].find(([, offset]) => offset > 4n) as [number, bigint];
    const offsets: bigint[] = [];
    const onEntries = (entries: LogEntry[]) => void offsets.push(...entries.map((e) => e.offset));
    const range = { topic: SNAPSHOTS, partition, onEntries };
    expect(await log.readRange({ ...range, from: 1n, to: 4n })).toBe(4n);
    expect(offsets).toEqual([1n, 2n, 3n]);
    await expect(log.readRange({ ...range, from: 0n, to: end + 5n })).rejects.toMatchObject({
      code: 'position-past-end',
    });
  });
});

async function retentionTakes(brokers: readonly string[], topic: string): Promise<void> {
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  const partitions = (await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => ({
    partition,
    offset: high,
  }));
  await admin.deleteTopicRecords({ topic, partitions });
  await admin.disconnect();
}
