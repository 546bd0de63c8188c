import type { Appender, Entry, Log } from '@tallyward/platform';
import { Kafka, logLevel } from 'kafkajs';
import { testbed, type Testbed } from '../testbed/testbed';
import { until } from '../testbed/until';
import { brokenAfterFault } from './after-fault.builder';
import {
  type Appended,
  appenderOf,
  brokenPromises,
  entriesOf,
  kindsOf,
  logOver,
  PARTITIONS,
  TOPIC,
  wholeLog,
} from './conformance.builder';
import { FaultProxy } from './fault-proxy';

const DECLARED = { name: TOPIC, partitions: PARTITIONS };

describe('appending to a real broker behind a faulty network', () => {
  let bed: Testbed;
  let proxy: FaultProxy;
  /** Straight to the broker: what really stands in the log. */
  let truth: Log;
  let log: Log;
  let made = 0;
  /** Of one test: the appender that meets the fault, and all that went through it. */
  let appender: Appender;
  let appended: Appended[];

  beforeAll(async () => {
    bed = await testbed();
  });

  afterAll(() => bed.close());

  beforeEach(async () => {
    const namespace = `${bed.namespace}${(made += 1)}.`;
    proxy = await FaultProxy.before(bed.brokers[0] as string);
    truth = logOver(bed.brokers, namespace);
    log = logOver([proxy.address], namespace);
    await truth.admin.ensureTopics([DECLARED]);
    appended = [];
  });

  afterEach(async () => {
    await log.close();
    await truth.close();
    await proxy.close();
  });

  async function append(name: string, count: number): Promise<Appended> {
    return appendEntries(entriesOf(name, count));
  }

  async function appendEntries(entries: Entry[]): Promise<Appended> {
    const one = { entries, outcomes: await appender.append(TOPIC, entries) };
    appended.push(one);
    return one;
  }

  /** The one promise after every fault. */
  async function isWhole(): Promise<void> {
    expect(await brokenAfterFault({ truth, appender, appended })).toEqual([]);
  }

  it('gives every entry of concurrent mixed batches the place where it stands', async () => {
    appender = appenderOf(log);
    await Promise.all(Array.from({ length: 20 }, (_, i) => append(`a${i}`, 1 + i * 13)));
    expect(Object.keys(kindsOf(appended))).toEqual(['acked']);
    expect(await brokenPromises(truth, appended)).toEqual([]);
    expect((await wholeLog(truth)).size).toBe(appended.flatMap((a) => a.entries).length);
  });

  it('keeps what was appended by one caller in its order within a partition', async () => {
    appender = appenderOf(log, { maxBatchEntries: 7 });
    const same = (name: string) => ({ key: 'demo:one', value: name });
    const names = Array.from({ length: 60 }, (_, i) => `n${i}`);
    const happened = proxy.once({ lose: 'reply', of: 'produce', then: 'reset' });
    await Promise.all(names.map((name) => appendEntries([same(name)])));
    await happened;
    const firsts = [...new Set([...(await wholeLog(truth)).values()].map((e) => String(e.value)))];
    expect(firsts).toEqual(names);
    await isWhole();
  });

  for (const then of ['reset', 'silence'] as const) {
    it(`four at once, one reply lost, then ${then}: every acked place holds its entry`, async () => {
      appender = appenderOf(log, { appendDeadlineMs: 2_000, lingerMs: 0 });
      await append('warm', 1);
      const happened = proxy.once({ lose: 'reply', of: 'produce', then });
      await Promise.all(['A', 'B', 'C', 'D'].map((n) => append(n, 30)));
      await happened;
      await isWhole();
    });

    it(`one reply lost among several requests in flight, then ${then}`, async () => {
      appender = appenderOf(log, { appendDeadlineMs: 2_000, lingerMs: 0 });
      await append('warm', 40);
      // Requests leave while those before them wait: each append has a partition of its own, and
      // four follow one another into one partition, as where the library's own producer loses one.
      proxy.delayReplies(50);
      const happened = proxy.once({ lose: 'reply', of: 'produce', then });
      const answers: Promise<unknown>[] = [];
      let inFlight = 0;
      for (let i = 0; i < 16; i += 1) {
        const key = i % 4 === 3 ? 'demo:one' : `demo:customer-${i}`;
        answers.push(appendEntries([{ key, value: `flight-${i}` }]));
        // Two turns of the loop: the first sends, so that the next append can't share its request.
        for (const _ of [1, 2]) await new Promise((turn) => setImmediate(turn));
        inFlight = Math.max(inFlight, appender.load().inFlight);
      }
      await Promise.all([happened, ...answers]);
      expect(inFlight).toBeGreaterThan(2);
      proxy.delayReplies(0);
      await isWhole();
    });

    it(`a request lost, then ${then}: acked by repeating it, or unknown at the deadline`, async () => {
      appender = appenderOf(log, { appendDeadlineMs: 2_000 });
      await append('warm', 1);
      const happened = proxy.once({ lose: 'request', of: 'produce', then });
      const lost = await append('lost', 20);
      await happened;
      expect(kindsOf([lost])).toEqual(then === 'reset' ? { acked: 20 } : { unknown: 20 });
      await isWhole();
    });
  }

  it('a black hole: unknown or not sent at the deadline, acked once it is gone', async () => {
    appender = appenderOf(log, { appendDeadlineMs: 1_500 });
    await append('before', 50);
    proxy.blackHole();
    const startedAt = performance.now();
    const inside = await Promise.all([append('in1', 50), append('in2', 50)]);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    expect(kindsOf(inside)['acked']).toBeUndefined();
    expect(appender.load()).toMatchObject({ healthy: false, queuedEntries: 0 });
    proxy.heal();
    await isWhole();
    expect(appender.load().healthy).toBe(true);
  });

  it('connections reset under load: nothing acked is missing, and it goes on by itself', async () => {
    appender = appenderOf(log);
    const worker = async (name: string) => {
      for (let i = 0; i < 25; i += 1) await append(`${name}-${i}`, 20);
    };
    const workers = Promise.all(['a', 'b', 'c', 'd'].map(worker));
    for (let cut = 0; cut < 3; cut += 1) {
      const goal = appended.length + 10;
      while (appended.length < Math.min(goal, 80)) await new Promise((r) => setImmediate(r));
      proxy.reset();
    }
    await workers;
    expect(kindsOf(appended)).toEqual({ acked: 2_000 });
    await isWhole();
  });

  it('a topic made anew: what is acked from then on stands in the new one', async () => {
    appender = appenderOf(log, { appendDeadlineMs: 2_000 });
    await append('of the topic that went', 50);
    const admin = new Kafka({ brokers: [...bed.brokers], logLevel: logLevel.NOTHING }).admin();
    const topic = `${bed.namespace}${made}.${TOPIC}`;
    await admin.deleteTopics({ topics: [topic] });
    await until(async () => !(await admin.listTopics()).includes(topic), { what: 'it deleted' });
    await admin.disconnect();
    const nowhere = await append('into nothing', 5);
    expect(kindsOf([nowhere])['acked']).toBeUndefined();
    await truth.admin.ensureTopics([DECLARED]);
    appended = [nowhere];
    await isWhole();
  });
});
