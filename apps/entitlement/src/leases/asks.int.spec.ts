import { testbed, type Testbed } from '@tallyward/testing';
import { AsksWorld, nameOf, type Told, tierLimit } from './asks.builder';
import { ASK_OLD_MS } from './take-asks';

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
const TOKENS = tierLimit({ unit: 'tokens', amount: 1_000 });
const calls = nameOf(CALLS, 'acme');
const tokens = nameOf(TOKENS, 'acme');
const wantCalls = (need: number, want = need) => [{ limit: calls, need, want }];

function granted(told: unknown): Told<'lease.granted'> {
  expect(told).toMatchObject({ type: 'lease.granted' });
  return told as Told<'lease.granted'>;
}

describe('an ask', () => {
  it('is granted, and makes the customer and its counters', async () => {
    const project = await world.project([CALLS, TOKENS]);
    const wants = [...wantCalls(1, 10), { limit: tokens, need: 50, want: 100 }];
    const [answer] = await world.said(world.instance(), world.ask(project, wants));
    const { leases, counters, customer } = granted(answer);
    expect(leases.map(({ limit, amount }) => [limit, amount])).toEqual([
      [calls, 10],
      [tokens, 100],
    ]);
    expect(counters.map(({ used, leased, amount }) => [used, leased, amount])).toEqual([
      [0, 10, 100],
      [0, 100, 1_000],
    ]);
    expect(customer).toMatchObject({ project, customer: 'acme', version: 1, disabled: false });
    expect(await world.counters(project)).toMatchObject([{ leased: '10' }, { leased: '100' }]);
  });

  it('that is repeated gets the same answer, and no second lease', async () => {
    const project = await world.project([CALLS]);
    const ask = world.ask(project, wantCalls(1, 10));
    const [first] = await world.said(world.instance(), ask);
    const [again, ...more] = await world.said(world.instance(), ask, ask);
    expect(again).toEqual(first);
    expect(more).toEqual([]);
    expect(await world.leases(project)).toHaveLength(1);
  });

  it('gets all of what it wants, or nothing', async () => {
    const project = await world.project([CALLS, TOKENS]);
    const wants = [...wantCalls(1), { limit: tokens, need: 1_001, want: 2_000 }];
    const told = await world.said(world.instance(), world.ask(project, wants));
    expect(told).toMatchObject([
      { type: 'lease.refused', shortages: [{ limit: tokens, reason: 'used-up', amount: 1_000 }] },
    ]);
    expect(await world.counters(project)).toMatchObject([{ leased: '0' }, { leased: '0' }]);
    expect(await world.leases(project)).toEqual([]);
  });

  it('in a batch with others finds what they left', async () => {
    const project = await world.project([tierLimit({ amount: 10 })]);
    const asks = [4, 4, 4].map((need) => world.ask(project, wantCalls(need)));
    const told = await world.said(world.instance(), ...asks);
    expect(told.map(({ type }) => type)).toEqual([
      'lease.granted',
      'lease.granted',
      'lease.refused',
      'lease.recalled',
    ]);
    expect(told[2]).toMatchObject({ shortages: [{ reason: 'held', leased: 8 }] });
    expect(await world.counters(project)).toMatchObject([{ leased: '8' }]);
  });

  it('never spans the end of a window, however long the lease would be', async () => {
    const minute = tierLimit({ window: 'minute' });
    const project = await world.project([minute, TOKENS]);
    const limit = nameOf(minute, 'acme');
    const wants = [
      { limit, need: 1, want: 2 },
      { limit: tokens, need: 1, want: 2 },
    ];
    const { leases } = granted((await world.said(world.instance(), world.ask(project, wants)))[0]);
    const [short, long] = leases;
    expect(short?.window).toEqual({
      from: (short?.window.to ?? 0) - 60_000,
      to: expect.anything(),
    });
    expect(short?.spendUntil).toBe(
      Math.min(short?.window.to ?? 0, (short?.issuedAt ?? 0) + 600_000),
    );
    expect(long?.spendUntil).toBeGreaterThan(short?.spendUntil ?? Infinity);
    expect(short?.settleUntil).toBe((short?.spendUntil ?? 0) + 300_000);
  });

  it('opens a first-use window with what it is granted, and not where it is refused', async () => {
    const first = tierLimit({ window: { firstUse: 'PT5H' }, amount: 10 });
    const project = await world.project([first]);
    const limit = nameOf(first, 'acme');
    const fold = world.instance();
    const of = (need: number) => world.ask(project, [{ limit, need, want: need }]);
    await world.said(fold, of(11));
    expect(await world.counters(project)).toEqual([]);
    const one = granted((await world.said(fold, of(2)))[0]).leases[0];
    const two = granted((await world.said(fold, of(3)))[0]).leases[0];
    expect(one?.window).toEqual({ from: one?.issuedAt, to: (one?.issuedAt ?? 0) + 5 * 3_600_000 });
    expect(two?.window).toEqual(one?.window);
    expect(await world.counters(project)).toMatchObject([{ leased: '5' }]);
  });

  it('for nothing makes the customer all the same', async () => {
    const project = await world.project([CALLS]);
    const [answer] = await world.said(world.instance(), world.ask(project, []));
    expect(granted(answer)).toMatchObject({ leases: [], customer: { customer: 'acme' } });
    const customers = await world.dataSource.query(
      'SELECT customer FROM entitlement.customer WHERE project = $1',
      [project],
    );
    expect(customers).toEqual([{ customer: 'acme' }]);
  });

  it('that only looks leases nothing, and makes no customer', async () => {
    const project = await world.project([CALLS]);
    const looking = world.ask(project, wantCalls(1), { watches: [calls], looks: true });
    const [answer] = await world.said(world.instance(), looking);
    expect(answer).toMatchObject({
      type: 'lease.granted',
      leases: [],
      customer: { tiers: [{ name: 'Tier', version: 1 }] },
      counters: [{ limit: calls, amount: 100 }, {}],
    });
    expect(await world.counters(project)).toEqual([]);
    const customers = await world.dataSource.query(
      'SELECT 1 FROM entitlement.customer WHERE project = $1',
      [project],
    );
    expect(customers).toEqual([]);
  });

  it('for a limit that the tier does not have is told so, with the tier it has', async () => {
    const project = await world.project([CALLS]);
    const told = await world.said(
      world.instance(),
      world.ask(project, [{ limit: tokens, need: 1, want: 1 }], { customerVersion: 1 }),
    );
    expect(told).toMatchObject([
      {
        type: 'lease.refused',
        shortages: [{ limit: tokens, reason: 'not-a-limit' }],
        customer: { tiers: [{ name: 'Tier', version: 1 }] },
      },
    ]);
  });

  it('that is old, or that nobody can read, is passed over, and the next is answered', async () => {
    const project = await world.project([CALLS]);
    const fold = world.instance();
    const old = world.batch([world.ask(project, wantCalls(1))], {
      appendedAt: Date.now() - ASK_OLD_MS - 1_000,
    });
    await fold.fold(old);
    const poison = { ...world.ask(project, wantCalls(1)), gateway: '' };
    const before = world.told.length;
    const broken = world.batch([poison, world.ask(project, wantCalls(1))]);
    await fold.fold(broken);
    await fold.fold(world.batch([world.ask(project, wantCalls(1))], { value: null }));
    await fold.fold(world.batch([world.ask(project, wantCalls(1))], { key: 'other:acme' }));
    expect(world.told.slice(before).map(({ type }) => type)).toEqual(['lease.granted']);
    expect(await world.leases(project)).toHaveLength(1);
  });
});

describe('two instances', () => {
  it('that take one batch grant it once: the other finds it taken', async () => {
    const project = await world.project([CALLS]);
    const asks = [1, 2, 3].map((need) => world.ask(project, wantCalls(need)));
    const batch = world.batch(asks);
    const ends = await Promise.allSettled(
      [world.instance(), world.instance()].map((fold) => fold.fold(batch)),
    );
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await world.counters(project)).toMatchObject([{ leased: '6' }]);
  });
});

describe('a change of tier', () => {
  it.each([
    ['raised', 50, 'lease.granted'],
    ['lowered below what is out', 5, 'lease.refused'],
  ])('has the amount %s for the next ask, and what is leased carries over', async (_, to, type) => {
    const project = await world.project([tierLimit({ amount: 10 })]);
    const fold = world.instance();
    await world.said(fold, world.ask(project, wantCalls(10)));
    await world.tier(project, 2, [tierLimit({ amount: to })]);
    await world.assign(project, 2);
    const [answer] = await world.said(fold, world.ask(project, wantCalls(1)));
    expect(answer).toMatchObject({ type, counters: [{ amount: to }] });
    expect(await world.counters(project)).toMatchObject([{ amount: String(to) }]);
  });

  it('between a limit that only counts and a hard one makes its counter the other kind', async () => {
    const counting = tierLimit({ onLimit: 'allow' });
    const project = await world.project([counting, TOKENS]);
    const fold = world.instance();
    const wants = [{ limit: tokens, need: 1, want: 1 }];
    await world.said(fold, world.ask(project, wants, { watches: [calls] }));
    expect(await world.counters(project)).toMatchObject([{ hard: false }, { hard: true }]);
    await world.tier(project, 2, [CALLS, TOKENS]);
    await world.assign(project, 2);
    await world.said(fold, world.ask(project, wantCalls(1)));
    expect(await world.counters(project)).toMatchObject([{ hard: true }, { hard: true }]);
    await world.tier(project, 3, [counting, TOKENS]);
    await world.assign(project, 3);
    await world.said(fold, world.ask(project, wants, { watches: [calls] }));
    expect(await world.counters(project)).toMatchObject([{ hard: false }, { hard: true }]);
  });

  it('to a customer that is switched off refuses all, and tells so', async () => {
    const project = await world.project([CALLS]);
    const fold = world.instance();
    await world.said(fold, world.ask(project, wantCalls(1)));
    await world.dataSource.query(
      `UPDATE entitlement.customer SET disabled = true, version = 2 WHERE project = $1`,
      [project],
    );
    expect(await world.said(fold, world.ask(project, wantCalls(1)))).toMatchObject([
      { type: 'lease.refused', shortages: [], customer: { disabled: true, version: 2 } },
    ]);
  });
});
