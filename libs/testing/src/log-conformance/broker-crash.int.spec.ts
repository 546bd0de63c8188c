import type { Log } from '@tallyward/platform';
import { testbed, type Testbed } from '../testbed/testbed';
import { until } from '../testbed/until';
import {
  type Appended,
  appenderOf,
  brokenPromises,
  entriesOf,
  kindsOf,
  logOver,
  PARTITIONS,
  TOPIC,
} from './conformance.builder';
import { Faults, FollowStore, QUICK } from './follow-store.builder';

const AWAY_MS = 12_000;

describe('a broker that goes and comes back', () => {
  let bed: Testbed;
  let log: Log;
  let made = 0;

  beforeAll(async () => {
    bed = await testbed({ own: ['kafka'] });
  }, 120_000);

  afterAll(() => bed.close());

  beforeEach(async () => {
    log = logOver(bed.brokers, `${bed.namespace}b${(made += 1)}.`);
    await log.admin.ensureTopics([{ name: TOPIC, partitions: PARTITIONS }]);
  });

  afterEach(() => log.close());

  /** A caller that sends the same again until it is acked, through the fault and past it. */
  async function underFault(breakIt: () => Promise<void>, appendDeadlineMs: number) {
    const appender = appenderOf(log, { appendDeadlineMs });
    const faults = new Faults();
    const store = new FollowStore();
    const follower = log.follow({
      topics: [TOPIC],
      group: 'fold',
      position: (_, partition) => store.position(partition),
      onBatch: async (batch) => store.commit(batch),
      onFatal: faults.take,
      limits: QUICK,
    });
    await follower.start();
    const appended: Appended[] = [];
    let going = true;
    const worker = async (name: string) => {
      for (let i = 0; going; i += 1) {
        const entries = entriesOf(`${name}-${i}`, 20);
        for (let settled = false; !settled;) {
          const outcomes = await appender.append(TOPIC, entries);
          appended.push({ entries, outcomes });
          settled = outcomes.every(({ kind }) => kind === 'acked');
        }
      }
    };
    const workers = Promise.all(['a', 'b', 'c', 'd'].map(worker));
    const grownBy = (count: number) => {
      const goal = appended.length + count;
      return until(() => appended.length >= goal, { what: 'more appends', withinMs: 60_000 });
    };
    await grownBy(40);
    await breakIt();
    await grownBy(40);
    going = false;
    await workers;
    expect(await brokenPromises(log, appended)).toEqual([]);
    const ends = await log.admin.endOffsets(TOPIC);
    const total = [...ends.values()].reduce((sum, end) => sum + Number(end), 0);
    await until(() => store.stored.length === total, { what: 'all handled', withinMs: 60_000 });
    expect(store.doubled).toEqual([]);
    expect(faults.seen).toEqual([]);
    await until(() => follower.health().healthy, { what: 'a healthy follower' });
    return { appended };
  }

  it('killed with -9: appends and followers go on by themselves, nothing acked is missing', async () => {
    const { appended } = await underFault(async () => {
      bed.kill('kafka');
      await bed.serves('kafka');
    }, 8_000);
    expect(kindsOf(appended)['acked']).toBeGreaterThan(0);
  }, 180_000);

  it('stopped for longer than any deadline: callers are told, and need no restart', async () => {
    const { appended } = await underFault(async () => {
      await bed.stop('kafka');
      const away = performance.now();
      await until(() => performance.now() - away > AWAY_MS, {
        what: 'the outage to last',
        withinMs: AWAY_MS + 1_000,
      });
      await bed.start('kafka');
    }, 2_000);
    expect(Object.keys(kindsOf(appended)).length).toBeGreaterThan(1);
  }, 180_000);
});
