import type { Follower, FollowLimits, Log, LogBatch, TopicDeclaration } from '@tallyward/platform';
import { Kafka, logLevel } from 'kafkajs';
import { testbed, type Testbed } from '../testbed/testbed';
import { until, untilSeen } from '../testbed/until';
import { appenderOf, entriesOf, logOver, PARTITIONS, TOPIC } from './conformance.builder';
import { FaultProxy } from './fault-proxy';
import { Faults, FollowStore, QUICK } from './follow-store.builder';

const DECLARED: TopicDeclaration = { name: TOPIC, partitions: PARTITIONS };

describe('a log that is not what the store counted in', () => {
  let bed: Testbed;
  let namespace: string;
  let log: Log;
  let store: FollowStore;
  let faults: Faults;
  let made = 0;

  beforeAll(async () => {
    bed = await testbed();
  });

  afterAll(() => bed.close());

  beforeEach(async () => {
    namespace = `${bed.namespace}r${(made += 1)}.`;
    log = logOver(bed.brokers, namespace);
    store = new FollowStore();
    faults = new Faults();
    await log.admin.ensureTopics([DECLARED]);
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

  const append = (name: string, count: number) =>
    appenderOf(log).append(TOPIC, entriesOf(name, count));
  const handled = (count: number) =>
    until(() => store.stored.length >= count, { what: `${count} entries handled` });
  /** What was counted instead is told: a follower that went on is not one that is slow. */
  async function fault(withinMs = 20_000) {
    const look = () => ({ fault: faults.seen[0], counted: store.stored.length });
    const enough = (seen: ReturnType<typeof look>) => seen.fault !== undefined;
    const { fault } = await untilSeen(look, enough, { what: 'a fault', withinMs });
    if (!fault) throw new Error('no fault');
    return fault;
  }

  async function makeAnew(): Promise<void> {
    const admin = new Kafka({ brokers: [...bed.brokers], logLevel: logLevel.NOTHING }).admin();
    const topic = `${namespace}${TOPIC}`;
    await admin.deleteTopics({ topics: [topic] });
    await until(async () => !(await admin.listTopics()).includes(topic), { what: 'it deleted' });
    await admin.disconnect();
    await log.admin.ensureTopics([DECLARED]);
  }

  it('refuses a topic made anew, also when it has grown past the stored offsets', async () => {
    await append('a', 100);
    const follower = follow();
    await follower.start();
    await handled(100);
    await follower.stop();
    await makeAnew();
    await append('b', 200);
    const again = follow();
    await again.start();
    expect(await fault()).toMatchObject({ code: 'topic-made-anew' });
    expect(store.stored).toHaveLength(100);
    expect(again.health().healthy).toBe(false);
  });

  it('stops when the topic is made anew under its feet', async () => {
    await append('a', 100);
    const follower = follow();
    await follower.start();
    await handled(100);
    await makeAnew();
    const { code } = await fault();
    expect(['topic-made-anew', 'topic-missing', 'position-past-end']).toContain(code);
    expect(store.stored).toHaveLength(100);
  });

  it('refuses to skip what retention took', async () => {
    await append('a', 240);
    const admin = new Kafka({ brokers: [...bed.brokers], logLevel: logLevel.NOTHING }).admin();
    const partitions = [...(await log.admin.endOffsets(TOPIC))]
      .filter(([, end]) => end > 0n)
      .map(([partition, end]) => ({ partition, offset: String(end) }));
    await admin.fetchTopicMetadata({ topics: [`${namespace}${TOPIC}`] });
    await admin.deleteTopicRecords({ topic: `${namespace}${TOPIC}`, partitions });
    await admin.disconnect();
    await follow().start();
    expect(await fault()).toMatchObject({ code: 'lost-to-retention' });
    expect(store.stored).toEqual([]);
  });

  it('refuses a position that the log has not reached', async () => {
    store.positions.set(3, { next: 7n, identity: null });
    // Before anything is fetched, not when the watchdog happens to look.
    await follow(undefined, { watchEveryMs: 60_000 }).start();
    expect(await fault()).toMatchObject({ code: 'position-past-end' });
  });

  it('refuses to start on a topic that does not exist', async () => {
    const follower = log.follow({
      topics: ['nowhere.v1'],
      group: 'fold',
      position: async () => ({ next: 0n, identity: null }),
      onBatch: async () => undefined,
      onFatal: faults.take,
    });
    await expect(follower.start()).rejects.toMatchObject({ code: 'topic-missing' });
  });

  it('refuses a topic declared with other partitions, another clock or another codec', async () => {
    const other = (more: Partial<TopicDeclaration>) =>
      log.admin.ensureTopics([{ ...DECLARED, ...more }]);
    await other({});
    await expect(other({ partitions: 24 })).rejects.toMatchObject({
      code: 'topic-misconfigured',
      message: `${TOPIC} has 12 partitions, not 24`,
    });
    const created = { name: 'producers.clock', partitions: 1 };
    const clock = { 'message.timestamp.type': 'CreateTime' };
    await log.admin.ensureTopics([{ ...created, configs: clock }]);
    await expect(log.admin.ensureTopics([created])).rejects.toThrow(
      'message.timestamp.type is CreateTime, not LogAppendTime',
    );
  });

  it('reports a consumer that stands still, gives it a new client, and then gives up', async () => {
    await append('a', 120);
    const proxy = await FaultProxy.before(bed.brokers[0] as string);
    const watched = logOver([proxy.address], namespace);
    const stuck = () => new Promise<void>(() => undefined);
    const limits = { stalledAfterMs: 600, reconnectAfterMs: 1_200, exitAfterMs: 3_000 };
    const follower = follow(stuck, limits, watched);
    await follower.start();
    const { reasons } = await until(
      () => (follower.health().healthy ? undefined : follower.health()),
      { what: 'unhealthy' },
    );
    expect(reasons[0]).toMatch(/usage\.events\.v1\/\d+ stands at 0 for \d+ s/);
    expect(follower.lag().some(({ lag }) => lag > 0n)).toBe(true);
    expect(faults.seen).toEqual([]);
    expect(await fault()).toMatchObject({ code: 'stalled' });
    await watched.close();
    await proxy.close();
  });

  it('does not end the process for a store that is away, and is healthy once it is back', async () => {
    await append('a', 120);
    let away = true;
    const limits = { stalledAfterMs: 500, reconnectAfterMs: 800, exitAfterMs: 1_000 };
    const follower = follow((batch) => {
      if (away) throw new Error('connection refused');
      store.commit(batch);
    }, limits);
    await follower.start();
    const { reasons } = await until(
      () => (follower.health().healthy ? undefined : follower.health()),
      { what: 'unhealthy' },
    );
    expect(reasons[0]).toContain('connection refused');
    await until(() => follower.lag().length > 0 && Date.now(), { what: 'more looks' });
    away = false;
    await handled(120);
    await until(() => follower.health().healthy, { what: 'healthy' });
    expect(faults.seen).toEqual([]);
  });
});
