import { customersWorld, type CustomersWorld, data, GOLD, limit } from './customers-world.builder';

let world: CustomersWorld;
beforeAll(async () => {
  world = await customersWorld();
});
afterAll(() => world?.close());

describe('the list of customers, with limits', () => {
  it('has of each what its entitlements say, of scope customer', async () => {
    const { project, ask } = await world.own();
    const limits = [
      limit(),
      limit({ scope: 'user', window: 'day' }),
      limit({ window: 'lifetime' }),
    ];
    await ask('POST /v1/tiers', { name: 'Users', limits });
    await ask('PUT /v1/customers/acme/tier', GOLD);
    await ask('PUT /v1/customers/beta/tier', { name: 'Users', version: 1 });
    await ask('PUT /v1/customers/gamma/tier', GOLD);
    await ask('PUT /v1/customers/gamma', { timeZone: 'Europe/Rome' });
    await world.use(project, 'acme', 12);
    await world.use(project, 'beta', 3, { user: 'u-1' });
    const replenish = { limits: 'all', amount: 5, reason: 'Goodwill' };
    await ask('POST /v1/customers/gamma/replenish', replenish);
    const listed = data(await ask('GET /v1/customers?with=limits'));
    expect(listed.map(({ customer }) => customer)).toEqual(['acme', 'beta', 'gamma']);
    for (const { customer, limits: shown } of listed) {
      const own = await ask(`GET /v1/customers/${String(customer)}/entitlements`);
      const all = own.body.limits as { scope: string }[];
      expect(shown).toEqual(all.filter(({ scope }) => scope === 'customer'));
    }
    const [acme, beta, gamma] = listed.map((one) => one['limits'] as { used: number }[]);
    expect(acme).toMatchObject([
      { used: 12, remaining: 88 },
      { used: 12, overrun: 2 },
    ]);
    expect(beta).toMatchObject([{ used: 3 }, { used: 3, window: 'lifetime' }]);
    expect(gamma).toMatchObject([{ amount: 105, timeZone: 'Europe/Rome' }, { amount: 15 }]);
    const plain = data(await ask('GET /v1/customers?limit=1'));
    expect(plain).toHaveLength(1);
    expect(plain[0]).not.toHaveProperty('limits');
    expect((await ask('GET /v1/customers?with=everything')).status).toBe(422);
  });

  it('is of the caller’s project alone', async () => {
    const [mine, theirs] = [await world.own(), await world.own()];
    for (const { ask } of [mine, theirs]) await ask('PUT /v1/customers/acme/tier', GOLD);
    await world.use(theirs.project, 'acme', 50);
    const [acme] = data(await mine.ask('GET /v1/customers?with=limits'));
    expect(acme?.['limits']).toMatchObject([{ used: 0 }, { used: 0 }]);
  });
});

describe('a tier version', () => {
  it('says how many customers have it now, none too', async () => {
    const { ask } = await world.own();
    const rival = await world.own();
    await rival.ask('PUT /v1/customers/other/tier', GOLD);
    await ask('POST /v1/tiers/Gold/versions/1/clone', {});
    for (const id of ['a', 'b', 'c']) await ask(`PUT /v1/customers/${id}/tier`, GOLD);
    await ask('PUT /v1/customers/c/tier', { name: 'Gold', version: 2 });
    await ask('PUT /v1/customers/b/tier', { name: 'Gold', version: 2, effective: 'nextWindow' });
    const counts = data(await ask('GET /v1/tiers')).map(({ name, version, customers }) => [
      ...[name, version, customers],
    ]);
    expect(counts).toEqual([
      ['Default New Customer Tier', 1, 0],
      ['Gold', 1, 2],
      ['Gold', 2, 1],
    ]);
    expect((await ask('GET /v1/tiers/Gold/versions/1')).body.customers).toBe(2);
    expect((await ask('GET /v1/tiers/Gold/versions/9')).status).toBe(404);
  });
});
