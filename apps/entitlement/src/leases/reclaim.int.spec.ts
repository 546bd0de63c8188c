import { TOPICS } from '@tallyward/contracts';
import { MARGIN_MS, partitionKey, USAGE_PARTITIONS } from '@tallyward/domain';
import { partitionOf } from '@tallyward/platform';
import { testbed, type Testbed } from '@tallyward/testing';
import { ReclaimStore } from '../storage/leases/reclaim-store';
import { AsksWorld, nameOf, tierLimit } from './asks.builder';
import { KEPT_MS, LeasePruning } from './prune-leases';
import { Reclaim } from './reclaim';

const USAGE = TOPICS.usageEvents;
const CALLS = tierLimit();
const HOUR_MS = 3_600_000;
let bed: Testbed;
let world: AsksWorld;
let lastCustomer = 0;
jest.setTimeout(120_000);

beforeAll(async () => {
  bed = await testbed();
  world = await AsksWorld.open(bed);
});
afterAll(async () => {
  await world?.close();
  await bed?.close();
});

/** A customer with a lease of 10, whose time passed so long ago. */
async function leaseThatEnded(msAgo: number) {
  const project = await world.project([CALLS]);
  const customer = `c${(lastCustomer += 1)}`;
  const limit = nameOf(CALLS, customer);
  const wants = [{ limit, need: 1, want: 10 }];
  await world.said(world.instance(), world.ask(project, wants, { customer }));
  await world.dataSource.query(
    `UPDATE entitlement.lease SET issued_at = $2::bigint - 30000, spend_until = $2::bigint - 1, settle_until = $2::bigint
     WHERE project = $1`,
    [project, Date.now() - msAgo],
  );
  const key = partitionKey(project, customer);
  return { project, key, partition: partitionOf(key, USAGE_PARTITIONS) };
}

/** An instance that sees the log since long ago, but for `sees`. */
async function reclaimer(sees: Pick<AsksWorld['log'], 'admin'> = world.log) {
  const store = new ReclaimStore(world.dataSource);
  const clock = jest.spyOn(store, 'clock').mockResolvedValue(Date.now() - 2 * HOUR_MS);
  const of = new Reclaim(store, sees);
  await of.round();
  clock.mockRestore();
  return { of, store };
}

const leaseOf = async (project: string) => (await world.leases(project))[0];
const leasedOf = async (project: string) => (await world.counters(project))[0]?.['leased'];

async function append(key: string): Promise<void> {
  const appender = world.log.appender({ partitions: { [USAGE.name]: USAGE.partitions } });
  await appender.append(USAGE.name, [{ key, value: 'a settlement' }]);
  await appender.close();
}

async function foldTo(partition: number, next: number): Promise<void> {
  await world.dataSource.query(
    'UPDATE entitlement.log_progress SET next_offset = $3 WHERE topic = $1 AND partition = $2',
    [USAGE.name, partition, next],
  );
}

async function endOf(partition: number): Promise<number> {
  return Number((await world.log.admin.endOffsets(USAGE.name)).get(partition));
}

describe('a lease whose time has passed', () => {
  it('is marked with the end of its partition, and closed once the fold is there', async () => {
    const { project, key, partition } = await leaseThatEnded(HOUR_MS);
    await append(key);
    const end = await endOf(partition);
    const { of } = await reclaimer();
    expect(await leaseOf(project)).toMatchObject({ open: true, log_end: null });
    await of.round();
    expect(await leaseOf(project)).toMatchObject({ open: true, log_end: String(end) });
    await foldTo(partition, end - 1);
    await of.round();
    expect(await leasedOf(project)).toBe('10');
    await foldTo(partition, end);
    expect((await of.round()).freed).toContainEqual(expect.objectContaining({ project }));
    expect(await leasedOf(project)).toBe('0');
    expect(await leaseOf(project)).toMatchObject({ open: false });
  });

  it('stays for the margin', async () => {
    const { project, partition } = await leaseThatEnded(MARGIN_MS - 1_000);
    await foldTo(partition, await endOf(partition));
    const { of } = await reclaimer();
    await of.round();
    expect(await leaseOf(project)).toMatchObject({ open: true, log_end: null });
  });

  it('stays for the margin again after an outage of the log', async () => {
    const { project, partition } = await leaseThatEnded(HOUR_MS);
    await foldTo(partition, await endOf(partition));
    let isAway = false;
    const away = {
      admin: {
        endOffsets: async (topic: string) => {
          if (isAway) throw new Error('the log is away');
          return world.log.admin.endOffsets(topic);
        },
      },
    };
    const { of, store } = await reclaimer(away as unknown as typeof world.log);
    isAway = true;
    await of.round();
    isAway = false;
    await of.round();
    await of.round();
    expect(await leaseOf(project)).toMatchObject({ open: true, log_end: null });
    jest.spyOn(store, 'clock').mockResolvedValue(Date.now() + MARGIN_MS + 1_000);
    await of.round();
    expect(await leaseOf(project)).toMatchObject({ open: false });
  });

  it('gives back only what was neither returned nor settled, and once, whoever looks', async () => {
    const { project, partition } = await leaseThatEnded(HOUR_MS);
    await world.dataSource.query(
      'UPDATE entitlement.lease SET returned = 3, settled = 2 WHERE project = $1',
      [project],
    );
    await world.dataSource.query(
      'UPDATE entitlement.counter SET leased = 5, used = 2 WHERE project = $1',
      [project],
    );
    await foldTo(partition, await endOf(partition));
    const several = await Promise.all([1, 2, 3].map(() => reclaimer()));
    await Promise.all(several.map(({ of }) => of.round()));
    expect(await world.counters(project)).toMatchObject([{ leased: '0', used: '2' }]);
    expect(await leaseOf(project)).toMatchObject({ open: false, returned: '3', settled: '2' });
  });
});

describe('pruning', () => {
  it('takes what is old, and leaves open leases, young answers and long windows', async () => {
    const { project } = await leaseThatEnded(HOUR_MS);
    const { project: closed } = await leaseThatEnded(HOUR_MS);
    await world.dataSource.query('UPDATE entitlement.lease SET open = false WHERE project = $1', [
      closed,
    ]);
    const pruning = (laterMs: number) => {
      const store = new ReclaimStore(world.dataSource);
      jest.spyOn(store, 'clock').mockResolvedValue(Date.now() + laterMs);
      return new LeasePruning(store);
    };
    const { signal } = new AbortController();
    const answers = () => world.dataSource.query('SELECT id FROM entitlement.lease_ask');
    await pruning(0).prune(signal);
    expect(await answers()).not.toEqual([]);
    await pruning(2 * HOUR_MS).prune(signal);
    expect(await answers()).toEqual([]);
    expect(await world.leases(closed)).toHaveLength(1);
    await pruning(KEPT_MS['entitlement.counter'] + 2 * 24 * HOUR_MS).prune(signal);
    expect(await world.leases(closed)).toEqual([]);
    expect(await world.leases(project)).toHaveLength(1);
    expect(await world.counters(project)).toHaveLength(1);
    await pruning(100 * 24 * HOUR_MS).prune(signal);
    expect(await world.counters(closed)).toEqual([]);
  });
});
