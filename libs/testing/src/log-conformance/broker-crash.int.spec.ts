import type { Log } from '@tallyward/platform';
import { testbed, type Testbed } from '../testbed/testbed';
import {
  type BrokerBack,
  type BrokerFault,
  brokerFaults,
  throughBrokerAway,
} from './broker-away.builder';
import { logOver, PARTITIONS, TOPIC } from './conformance.builder';

/** A restart of a broker that has much to recover; frozen, only longer than every deadline. */
const AWAY_MS = { stopped: 40_000, frozen: 12_000 };

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

  async function through(name: BrokerFault['name'], appendDeadlineMs: number): Promise<BrokerBack> {
    const fault = brokerFaults(bed, AWAY_MS).find((one) => one.name === name) as BrokerFault;
    const back = await throughBrokerAway({ log, appendDeadlineMs, breakIt: fault.breakIt });
    const { ackedAfterMs, caughtUpAfterMs, kinds } = back;
    process.stdout.write(`broker ${name}: ${JSON.stringify(kinds)}; back: acked after `);
    process.stdout.write(`${ackedAfterMs} ms, followed to the end after ${caughtUpAfterMs} ms\n`);
    return back;
  }

  it('killed with -9: appends and followers go on by themselves, nothing acked is missing', async () => {
    const back = await through('killed', 8_000);
    expect(back.broken).toEqual([]);
    expect(back.kinds['acked']).toBeGreaterThan(0);
  }, 180_000);

  it('stopped for longer than any deadline: callers are told, and need no restart', async () => {
    const back = await through('stopped', 2_000);
    expect(back.broken).toEqual([]);
    expect(Object.keys(back.kinds).length).toBeGreaterThan(1);
  }, 180_000);

  it('frozen for longer than any deadline, its connections open: callers are told', async () => {
    const back = await through('frozen', 2_000);
    expect(back.broken).toEqual([]);
    expect(back.kinds['unknown']).toBeGreaterThan(0);
  }, 180_000);
});
