import type { Log } from '@tallyward/platform';
import { testbed, type Testbed } from '../testbed/testbed';
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

describe('appending to a real broker behind a faulty network', () => {
  let bed: Testbed;
  let proxy: FaultProxy;
  /** Straight to the broker: what really stands in the log. */
  let truth: Log;
  let log: Log;
  let made = 0;

  beforeAll(async () => {
    bed = await testbed();
  });

  afterAll(() => bed.close());

  beforeEach(async () => {
    const namespace = `${bed.namespace}${(made += 1)}.`;
    proxy = await FaultProxy.before(bed.brokers[0] as string);
    truth = logOver(bed.brokers, namespace);
    log = logOver([proxy.address], namespace);
    await truth.admin.ensureTopics([{ name: TOPIC, partitions: PARTITIONS }]);
  });

  afterEach(async () => {
    await log.close();
    await truth.close();
    await proxy.close();
  });

  async function append(name: string, count: number, using = appenderOf(log)): Promise<Appended> {
    const entries = entriesOf(name, count);
    return { entries, outcomes: await using.append(TOPIC, entries) };
  }

  it('gives every entry of concurrent mixed batches the place where it stands', async () => {
    const appender = appenderOf(log);
    const appended = await Promise.all(
      Array.from({ length: 20 }, (_, i) => append(`a${i}`, 1 + i * 13, appender)),
    );
    expect(Object.keys(kindsOf(appended))).toEqual(['acked']);
    expect(await brokenPromises(truth, appended)).toEqual([]);
    expect((await wholeLog(truth)).size).toBe(appended.flatMap((a) => a.entries).length);
  });

  it('keeps what was appended by one caller in its order within a partition', async () => {
    const appender = appenderOf(log, { maxBatchEntries: 7 });
    const same = (name: string) => ({ key: 'demo:one', value: name });
    const names = Array.from({ length: 60 }, (_, i) => `n${i}`);
    const happened = proxy.once({ lose: 'reply', of: 'produce', then: 'reset' });
    await Promise.all(names.map((name) => appender.append(TOPIC, [same(name)])));
    await happened;
    const firsts = [...new Set([...(await wholeLog(truth)).values()].map((e) => String(e.value)))];
    expect(firsts).toEqual(names);
  });

  for (const then of ['reset', 'silence'] as const) {
    it(`four at once, one reply lost, then ${then}: every acked place holds its entry`, async () => {
      const appender = appenderOf(log, { appendDeadlineMs: 2_000, lingerMs: 0 });
      await append('warm', 1, appender);
      const happened = proxy.once({ lose: 'reply', of: 'produce', then });
      const appended = await Promise.all(['A', 'B', 'C', 'D'].map((n) => append(n, 30, appender)));
      await happened;
      expect(await brokenPromises(truth, appended)).toEqual([]);
      const after = await append('after', 30, appender);
      expect(kindsOf([after])).toEqual({ acked: 30 });
      expect(await brokenPromises(truth, [...appended, after])).toEqual([]);
    });

    it(`a request lost, then ${then}: acked by repeating it, or unknown at the deadline`, async () => {
      const appender = appenderOf(log, { appendDeadlineMs: 2_000 });
      await append('warm', 1, appender);
      const happened = proxy.once({ lose: 'request', of: 'produce', then });
      const lost = await append('lost', 20, appender);
      await happened;
      expect(kindsOf([lost])).toEqual(then === 'reset' ? { acked: 20 } : { unknown: 20 });
      const after = await append('after', 20, appender);
      expect(kindsOf([after])).toEqual({ acked: 20 });
      expect(await brokenPromises(truth, [lost, after])).toEqual([]);
    });
  }

  it('a black hole: unknown or not sent at the deadline, acked once it is gone', async () => {
    const appender = appenderOf(log, { appendDeadlineMs: 1_500 });
    const before = await append('before', 50, appender);
    proxy.blackHole();
    const startedAt = performance.now();
    const inside = await Promise.all([append('in1', 50, appender), append('in2', 50, appender)]);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    expect(kindsOf(inside)['acked']).toBeUndefined();
    expect(appender.load()).toMatchObject({ healthy: false, queuedEntries: 0 });
    proxy.heal();
    const after = await acked('after', appender);
    expect(appender.load().healthy).toBe(true);
    expect(await brokenPromises(truth, [before, ...inside, after])).toEqual([]);
  });

  it('connections reset under load: nothing acked is missing, and it goes on by itself', async () => {
    const appender = appenderOf(log);
    const appended: Appended[] = [];
    const worker = async (name: string) => {
      for (let i = 0; i < 25; i += 1) appended.push(await append(`${name}-${i}`, 20, appender));
    };
    const workers = Promise.all(['a', 'b', 'c', 'd'].map(worker));
    for (let cut = 0; cut < 3; cut += 1) {
      const goal = appended.length + 10;
      while (appended.length < Math.min(goal, 80)) await new Promise((r) => setImmediate(r));
      proxy.reset();
    }
    await workers;
    expect(kindsOf(appended)).toEqual({ acked: 2_000 });
    expect(await brokenPromises(truth, appended)).toEqual([]);
  });

  /** A caller that was told `unknown` sends the same again. */
  async function acked(name: string, using: ReturnType<typeof appenderOf>): Promise<Appended> {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const appended = await append(name, 20, using);
      if (appended.outcomes.every(({ kind }) => kind === 'acked')) return appended;
    }
    throw new Error('not acked in five attempts');
  }
});
