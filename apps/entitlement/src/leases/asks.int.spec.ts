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
const TOKENS = tierLimit({ unit: 'tokens', amount: 1_000 });
const calls = nameOf(CALLS, 'acme');
const tokens = nameOf(TOKENS, 'acme');

const granted = (told: unknown): Told<'lease.granted'> => {
  expect(told).toMatchObject({ type: 'lease.granted' });
  return told as Told<'lease.granted'>;
};

describe('an ask', () => {
  it('is granted, and makes the customer and its counters', async () => {
    const project = await world.project([CALLS, TOKENS]);
    const ask = world.ask(project, [
      { limit: calls, need: 1, want: 10 },
      { limit: tokens, need: 50, want: 100 },
    ]);
    const [answer] = await world.said(world.instance(), ask);
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
    const ask = world.ask(project, [{ limit: calls, need: 1, want: 10 }]);
    const [first] = await world.said(world.instance(), ask);
    const [again] = await world.said(world.instance(), ask, ask);
    expect(again).toEqual(first);
    expect(await world.leases(project)).toHaveLength(1);
  });
});
