import { DEFAULT_TIER } from '@tallyward/contracts';
import { until } from '@tallyward/testing';
import {
  code,
  customersWorld,
  type CustomersWorld,
  data,
  GOLD,
  limit,
} from './customers-world.builder';
let world: CustomersWorld;
beforeAll(async () => {
  world = await customersWorld();
});
afterAll(() => world?.close());

describe('a change of tier', () => {
  it('now: the version freezes, and it is told who, from what, to what, why', async () => {
    const { ask: asked } = await world.own();
    await asked('PUT /v1/customers/acme', {});
    const body = { ...GOLD, effective: 'now', carryUsage: false, reason: 'Upgrade' };
    expect((await asked('PUT /v1/customers/acme/tier', body)).body.tier).toEqual(GOLD);
    expect((await asked('GET /v1/tiers/Gold/versions/1')).body.state).toBe('frozen');
    const [fact] = data(await asked('GET /v1/audit?customer=acme&limit=1'));
    expect(fact).toMatchObject({
      type: 'tier.assigned',
      actor: expect.stringContaining('Ida') as string,
      subject: 'customer:acme',
      before: DEFAULT_TIER,
      after: { ...GOLD, carryUsage: false },
      reason: 'Upgrade',
    });
    const byTier = data(await asked('GET /v1/audit?tier=Gold')).map(({ type }) => type);
    expect(byTier).toEqual(
      expect.arrayContaining(['tier.assigned', 'tier.frozen', 'tier.created']),
    );
    const left = data(await asked(`GET /v1/audit?tier=${encodeURIComponent(DEFAULT_TIER.name)}`));
    expect(left.map(({ type }) => type)).toContain('tier.assigned');
  });

  it('with the next window of the present tier, in the zone of the customer', async () => {
    const { project, ask: asked } = await world.own();
    await asked('POST /v1/tiers', { name: 'Silver', limits: [limit({ window: 'lifetime' })] });
    await asked('PUT /v1/customers/acme', { timeZone: 'Asia/Tokyo' });
    const next = { ...GOLD, effective: 'nextWindow', carryUsage: true };
    const { body } = await asked('PUT /v1/customers/acme/tier', next);
    expect(body.tier).toEqual(DEFAULT_TIER);
    const [planned] = body.nextTiers as { from: string }[];
    expect(planned).toMatchObject({ ...GOLD, carryUsage: true });
    const begins = new Date(Date.parse(planned?.from ?? '') + 9 * 3_600_000);
    expect(begins.toISOString()).toMatch(/-01T00:00:00.000Z$/);
    expect(begins.getTime()).toBeGreaterThan(Date.now());
    await until(
      () =>
        (world.reader.words.get(`c:${project}:acme`) as { tiers: unknown[] })?.tiers.length === 2,
      { what: 'the snapshot with the tier to come' },
    );
    const now = await asked('PUT /v1/customers/acme/tier', { name: 'Silver', version: 1 });
    expect(now.body).toMatchObject({ tier: { name: 'Silver', version: 1 }, nextTiers: [] });
    const atOnce = await asked('PUT /v1/customers/acme/tier', next);
    expect(atOnce.body).toMatchObject({ tier: GOLD, nextTiers: [] });
  });
});

describe('the customers of a version', () => {
  it('are moved together, but for what was planned; a dry run says who would be over', async () => {
    const { project, ask: asked } = await world.own();
    for (const each of ['a', 'b', 'c']) await asked(`PUT /v1/customers/${each}/tier`, GOLD);
    await asked('PUT /v1/customers/other', {});
    const later = { ...DEFAULT_TIER, effective: 'nextWindow' };
    await asked('PUT /v1/customers/c/tier', later);
    await world.use(project, 'a', 8);
    await world.use(project, 'b', 3);
    await world.use(project, 'b', 3, { user: 'u' });
    await world.use(project, 'other', 50);
    await asked('POST /v1/tiers/Gold/versions/1/clone');
    const limits = [limit({ amount: 7 }), limit({ scope: 'user', window: 'day', amount: 2 })];
    await asked('PUT /v1/tiers/Gold/versions/2', { limits });
    const to = { name: 'Gold', version: 2 };
    const path = 'POST /v1/tiers/Gold/versions/1/migrate';
    const dry = await asked(path, { to, dryRun: true });
    expect(dry.body).toMatchObject({ customers: 3, remaining: 0, dryRun: true });
    const over = dry.body.over as Record<string, unknown>[];
    expect(over.map((each) => [each.customer, each.scope, each.scopeValue, each.used])).toEqual([
      ['a', 'customer', 'a', 8],
      ['b', 'user', 'u', 3],
    ]);
    expect((await asked('GET /v1/customers/a')).body.tier).toEqual(GOLD);
    expect((await asked('GET /v1/tiers/Gold/versions/2')).body.state).toBe('draft');
    const moved = await asked(path, { to, reason: 'New prices' });
    expect(moved.body).toMatchObject({ customers: 3, remaining: 0, dryRun: false });
    expect(data(await asked('GET /v1/customers?tier=Gold&version=2'))).toMatchObject([
      { customer: 'a', tier: to, nextTiers: [] },
      { customer: 'b', tier: to, nextTiers: [] },
      { customer: 'c', tier: to, nextTiers: [DEFAULT_TIER] },
    ]);
    expect((await asked('GET /v1/customers/other')).body.tier).toEqual(DEFAULT_TIER);
    const [fact] = data(await asked('GET /v1/audit?customer=b&limit=1'));
    expect(fact).toMatchObject({ before: GOLD, after: to, reason: 'New prices' });
    expect((await asked(path, { to })).body).toMatchObject({ customers: 0, over: [] });
    const back = 'POST /v1/tiers/Gold/versions/2/migrate';
    const next = { to: GOLD, effective: 'nextWindow' };
    expect((await asked(back, next)).body).toMatchObject({ customers: 3, remaining: 0 });
    expect((await asked(back, next)).body).toMatchObject({ customers: 0, remaining: 0 });
  });

  it('are over in a dry run only if they are with all that was replenished, which stays', async () => {
    const { project, ask: asked } = await world.own();
    for (const each of ['given', 'plain']) {
      await asked(`PUT /v1/customers/${each}/tier`, GOLD);
      await world.use(project, each, 90);
    }
    const give = { limits: 'all', amount: 50 };
    await asked('POST /v1/customers/given/replenish', give);
    await asked('POST /v1/tiers/Gold/versions/1/clone');
    await asked('PUT /v1/tiers/Gold/versions/2', { limits: [limit({ amount: 80 })] });
    const path = 'POST /v1/tiers/Gold/versions/1/migrate';
    const wanted = { to: { name: 'Gold', version: 2 } };
    const { body } = await asked(path, { ...wanted, dryRun: true });
    expect(body).toMatchObject({ customers: 2, over: [{ customer: 'plain', used: 90 }] });
    expect((await asked(path, wanted)).body.over).toEqual(body.over);
    const { limits } = (await asked('GET /v1/customers/given/entitlements')).body;
    expect(limits).toMatchObject([{ amount: 130, used: 90, remaining: 40 }]);
  });

  it('are listed by id, by tier, by a part of their name, and by how near a limit they are', async () => {
    const { project, ask: asked } = await world.own();
    await world.meet(project, 'a', 'b', 'c', 'd');
    await asked('PUT /v1/customers/b', { name: 'Bauhaus' });
    for (const each of ['b', 'c']) await asked(`PUT /v1/customers/${each}/tier`, GOLD);
    const listed = async (query: string) =>
      data(await asked(`GET /v1/customers?${query}`)).map(({ customer }) => customer);
    expect(await listed('')).toEqual(['a', 'b', 'c', 'd']);
    expect(await listed('tier=Gold')).toEqual(['b', 'c']);
    expect(await listed('tier=Gold&version=2')).toEqual([]);
    expect(await listed('q=BAU')).toEqual(['b']);
    const first = await asked('GET /v1/customers?limit=3');
    expect(await listed(`limit=3&cursor=${String(first.body.nextCursor)}`)).toEqual(['d']);
    await world.use(project, 'c', 7);
    expect(await listed('near=80')).toEqual([]);
    await world.use(project, 'c', 1);
    expect(await listed('near=80')).toEqual(['c']);
    const page = await asked('GET /v1/customers?near=80&limit=1');
    expect(page.body.nextCursor).not.toBeNull();
    expect(await listed(`near=80&limit=1&cursor=${String(page.body.nextCursor)}`)).toEqual([]);
    expect(code(await asked('GET /v1/customers?near=101'))).toBe('422 invalid');
  });
});
