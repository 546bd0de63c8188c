import type { QuotaAsk } from '@tallyward/contracts';
import { testbed, type Testbed } from '@tallyward/testing';
import { AsksWorld, nameOf, type Told, tierLimit } from './asks.builder';

let bed: Testbed;
let world: AsksWorld;
jest.setTimeout(120_000);

beforeAll(async () => {
  bed = await testbed();
  world = await AsksWorld.open(bed);
});
afterAll(async () => {
  await world?.close();
  await bed?.close();
});

const CALLS = tierLimit();
const calls = nameOf(CALLS, 'acme');
const wantCalls = (need: number, want = need) => [{ limit: calls, need, want }];

function granted(told: unknown): Told<'lease.granted'> {
  expect(told).toMatchObject({ type: 'lease.granted' });
  return told as Told<'lease.granted'>;
}

describe('what comes back', () => {
  it('counts by its largest total, in whatever order it comes', async () => {
    const project = await world.project([CALLS]);
    const fold = world.instance();
    const { leases } = granted((await world.said(fold, world.ask(project, wantCalls(90))))[0]);
    const back = (total: number, gateway = 'g1.x'): QuotaAsk => ({
      type: 'lease.returned',
      project,
      customer: 'acme',
      gateway,
      leases: [{ lease: leases[0]?.id ?? '', total }],
    });
    const leased: unknown[] = [];
    for (const total of [40, 70, 70, 40]) {
      await world.said(fold, back(total));
      leased.push((await world.counters(project))[0]?.leased);
    }
    expect(leased).toEqual(['50', '20', '20', '20']);
    await world.said(fold, back(1_000, 'g2.x'));
    expect(await world.counters(project)).toMatchObject([{ leased: '20' }]);
    await world.said(fold, back(1_000), back(80));
    expect(await world.counters(project)).toMatchObject([{ leased: '0' }]);
  });

  it('was recalled for who was refused, who is told, and finds it', async () => {
    const project = await world.project([tierLimit({ amount: 10 })]);
    const fold = world.instance();
    const mine = granted((await world.said(fold, world.ask(project, wantCalls(8))))[0]).leases[0];
    const other = world.ask(project, wantCalls(5), { gateway: 'g2.y' });
    expect(await world.said(fold, other)).toMatchObject([
      { type: 'lease.refused', gateway: 'g2.y', shortages: [{ reason: 'held' }] },
      { type: 'lease.recalled', gateway: 'g1.x', leases: [mine?.id] },
    ]);
    const back = await world.said(fold, {
      type: 'lease.returned',
      project,
      customer: 'acme',
      gateway: 'g1.x',
      leases: [{ lease: mine?.id ?? '', total: 6 }],
    });
    expect(back).toEqual([
      { type: 'limit.freed', gateway: 'g2.y', project, customer: 'acme', limits: [calls] },
    ]);
    const again = world.ask(project, wantCalls(5), { gateway: 'g2.y' });
    expect(await world.said(fold, again)).toMatchObject([{ type: 'lease.granted' }]);
  });
});

const elsewhere = (project: string, gateway: string, held: number) => {
  const what = { project, customer: 'acme', held: [{ limit: calls, held }] };
  return { type: 'hold.elsewhere', gateway, ...what };
};

describe('calls in flight', () => {
  it('of other gateways are told as held, until they are over', async () => {
    const project = await world.project([CALLS]);
    const fold = world.instance();
    const counted = (gateway: string, held: number): QuotaAsk => ({
      type: 'hold.counted',
      project,
      customer: 'acme',
      gateway,
      lastsMs: 300_000,
      held: [{ limit: calls, held }],
    });
    await world.said(fold, counted('g1.x', 4), counted('g2.y', 3), counted('g3.z', 2));
    const heldFor = async (gateway: string) => {
      const [told] = await world.said(fold, world.ask(project, wantCalls(1), { gateway }));
      return granted(told).counters[0]?.held;
    };
    expect(await heldFor('g1.x')).toBe(5);
    expect(await world.said(fold, counted('g2.y', 0))).toEqual([
      elsewhere(project, 'g1.x', 2),
      elsewhere(project, 'g3.z', 4),
    ]);
    expect(await heldFor('g1.x')).toBe(2);
  });

  it('that another gateway released are told to their owner', async () => {
    const project = await world.project([CALLS]);
    const released = { type: 'hold.released', project, customer: 'acme', gateway: 'g9.q' } as const;
    expect(await world.said(world.instance(), { ...released, hold: 17 })).toEqual([
      { type: 'hold.released', gateway: 'g9.q', hold: 17 },
    ]);
  });
});

describe('a customer that a change has locked', () => {
  /** Until it is called, as a change of tier does for all of its counters. */
  async function locked(project: string): Promise<() => Promise<void>> {
    const runner = world.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query('SELECT FROM entitlement.customer WHERE project = $1 FOR UPDATE', [project]);
    await runner.query('SELECT FROM entitlement.counter WHERE project = $1 FOR UPDATE', [project]);
    return async () => {
      await runner.rollbackTransaction();
      await runner.release();
    };
  }

  it('holds up nobody else: its asks are put off, and what it gives back is not lost', async () => {
    const [project, other] = [await world.project([CALLS]), await world.project([CALLS])];
    const fold = world.instance();
    const { leases } = granted((await world.said(fold, world.ask(project, wantCalls(90))))[0]);
    const unlock = await locked(project);
    const returned: QuotaAsk = {
      type: 'lease.returned',
      project,
      customer: 'acme',
      gateway: 'g1.x',
      leases: [{ lease: leases[0]?.id ?? '', total: 60 }],
    };
    const ask = world.ask(project, wantCalls(50));
    try {
      const told = await world.said(fold, returned, ask, world.ask(other, wantCalls(1)));
      expect(told.map(({ type }) => type)).toEqual(['lease.granted']);
    } finally {
      await unlock();
    }
    expect(await world.counters(project)).toMatchObject([{ leased: '90' }]);
    granted((await world.said(fold, ask))[0]);
    expect(await world.counters(project)).toMatchObject([{ leased: '80' }]);
  });
});
