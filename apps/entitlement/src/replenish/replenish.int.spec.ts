import { zeroAmounts } from '@tallyward/domain';
import { until } from '@tallyward/testing';
import {
  code,
  customersWorld,
  type CustomersWorld,
  data,
  GOLD,
  limit,
} from '../customers/customers-world.builder';

let world: CustomersWorld;
let project: string;
let ask: Awaited<ReturnType<CustomersWorld['own']>>['ask'];
beforeAll(async () => {
  world = await customersWorld();
});
beforeEach(async () => {
  ({ project, ask } = await world.own());
  await ask('PUT /v1/customers/acme/tier', GOLD);
});
afterAll(() => world?.close());

const MONTH = { scope: 'customer', modelGroup: 'premium', unit: 'calls', window: 'month' };
const give = (limits: unknown, amount: unknown, more: object = {}) =>
  ask('POST /v1/customers/acme/replenish', { limits, amount, ...more });
const limitsOf = async () =>
  (await ask('GET /v1/customers/acme/entitlements')).body.limits as Record<string, unknown>[];

describe('replenishing', () => {
  it('gives more in the present window, told with before and after, and to gateways', async () => {
    await world.use(project, 'acme', 98);
    const before = world.reader.words.get(`c:${project}:acme`) as { version: number } | undefined;
    const { status, body, headers } = await give([MONTH], 500, { reason: 'Goodwill' });
    expect([status, body]).toMatchObject([
      200,
      { customer: 'acme', limits: [{ window: 'month', amount: 600, used: 98, remaining: 502 }] },
    ]);
    expect(headers.get('x-tallyward-project-version')).toContain(`${project}@`);
    expect(await limitsOf()).toMatchObject([{ amount: 600 }, { window: 'day', amount: 10 }]);
    const [fact] = data(await ask('GET /v1/audit?customer=acme&limit=1'));
    expect(fact).toMatchObject({
      type: 'limit.replenished',
      actor: expect.stringContaining('Ida') as string,
      reason: 'Goodwill',
      before: { limits: [{ ...MONTH, scopeValue: 'acme', amount: 100, used: 98 }] },
      after: { by: 500, limits: [{ amount: 600 }] },
    });
    await until(
      () => {
        const now = world.reader.words.get(`c:${project}:acme`) as { version: number } | undefined;
        return now !== undefined && now.version > (before?.version ?? 1);
      },
      { what: 'the newer customer, which has gateways drop refusals' },
    );
  });

  it('resets: what was used does not count, once, and what was given stays', async () => {
    await world.use(project, 'acme', 40);
    await give([MONTH], 7);
    expect((await give([MONTH], 'reset')).body.limits).toMatchObject([
      { amount: 147, used: 40, remaining: 107 },
    ]);
    expect((await give([MONTH], 'reset')).body.limits).toMatchObject([{ remaining: 107 }]);
    expect((await give('all', 'reset')).body.limits).toMatchObject([
      { remaining: 107 },
      { window: 'day', amount: 50, used: 40, remaining: 10 },
    ]);
  });

  it('is done once under an idempotency key', async () => {
    const headers = { 'idempotency-key': 'once-1' };
    const body = { limits: [MONTH], amount: 5 };
    const again = async () => ask('POST /v1/customers/acme/replenish', body, headers);
    const [first, second] = [await again(), await again()];
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(second.body).toEqual(first.body);
    expect(await limitsOf()).toMatchObject([{ amount: 105 }, {}]);
  });

  it.each([
    [[{ ...MONTH, window: 'week' }], 'limit-unknown'],
    [[{ ...MONTH, modelGroup: 'standard' }], 'limit-unknown'],
    [[{ ...MONTH, scopeValue: 'other' }], 'scope-value-foreign'],
    [[MONTH, { ...MONTH, scopeValue: 'acme' }], 'limit-twice'],
    [[{ ...MONTH, window: 'request' }], 'limit-of-one-call'],
    [[{ ...MONTH, unit: 'images' }], 'limit-off'],
    [[{ ...MONTH, scope: 'user' }], 'scope-value-missing'],
    [[{ ...MONTH, window: { firstUse: 'PT5H' } }], 'window-not-open'],
  ])('refuses %j: %s, and changes nothing', async (named, fault) => {
    const limits = [
      ...[limit(), limit({ window: 'request' }), limit({ unit: 'images', amount: 0 })],
      ...[limit({ scope: 'user' }), limit({ window: { firstUse: 'PT5H' } })],
    ];
    await ask('POST /v1/tiers', { name: 'Wide', limits });
    await ask('PUT /v1/customers/acme/tier', { name: 'Wide', version: 1 });
    const answer = await give(named, 5);
    expect(code(answer)).toBe('422 invalid');
    expect(answer.body.errors).toMatchObject([{ code: fault }]);
    expect((await limitsOf())[0]).toMatchObject({ amount: 100 });
  });

  it('refuses what no customer, no amount or no number is', async () => {
    expect(code(await give([MONTH], 0))).toBe('422 invalid');
    expect(code(await give([], 5))).toBe('422 invalid');
    for (let n = 0; n < 9; n += 1) expect((await give([MONTH], 1e15)).status).toBe(200);
    expect(code(await give([MONTH], 1e15))).toBe('422 invalid');
    expect((await limitsOf())[0]).toMatchObject({ amount: 9e15 + 100 });
    const path = 'POST /v1/customers/nobody/replenish';
    expect(code(await ask(path, { limits: 'all', amount: 5 }))).toBe('404 not-found');
  });
});

it('refuses what would be too large for the audit trail’s log, and changes nothing', async () => {
  const modelGroup = '\u0001'.repeat(128);
  await ask(`PUT /v1/model-groups/${encodeURIComponent(modelGroup)}`, { defaultModel: null });
  const wide = [limit({ scope: 'user', modelGroup })];
  expect((await ask('POST /v1/tiers', { name: 'Users', limits: wide })).status).toBe(201);
  await ask('PUT /v1/customers/acme/tier', { name: 'Users', version: 1 });
  await world.totals.fold(async (transaction) => {
    const quarter = Math.floor(Date.now() / 900_000) * 900_000;
    const labels = { workspace: '', role: '', model: 'm', modelGroup };
    const rows = Array.from({ length: 980 }, (_, n) => {
      const user = `${n}`.padEnd(128, '\u0001');
      const key = { project, customer: 'acme', quarter, ...labels, user };
      return { key, amounts: { ...zeroAmounts(), calls: 1 }, proof: 0n };
    });
    await transaction.addTotals(0, rows);
  });
  const refused = await give('all', 5);
  expect([code(refused), refused.body.detail]).toEqual([
    '422 invalid',
    expect.stringContaining('by name'),
  ]);
  expect((await give([{ ...MONTH, scope: 'user', modelGroup, scopeValue: 'u' }], 5)).status).toBe(
    200,
  );
}, 60_000);

describe('a tier that begins at once', () => {
  const tier = { name: 'Pro', version: 1 };
  beforeEach(async () => {
    const limits = [limit({ amount: 60 }), limit({ scope: 'user', window: 'day', amount: 5 })];
    await ask('POST /v1/tiers', { name: 'Pro', limits });
    await world.use(project, 'acme', 30);
    await world.use(project, 'acme', 4, { user: 'u-1' });
  });

  it('without usage has all of its limits; one that carries it has the rest', async () => {
    await ask('PUT /v1/customers/acme/tier', { ...tier, carryUsage: false });
    expect(await limitsOf()).toMatchObject([
      { amount: 94, used: 34, remaining: 60 },
      { scope: 'user', scopeValue: 'u-1', amount: 9, used: 4, remaining: 5 },
    ]);
    await world.dataSource.query(
      'UPDATE entitlement.counter SET used = used + 10 WHERE project = $1',
      [project],
    );
    expect(await limitsOf()).toMatchObject([{ remaining: 50 }, { remaining: 0 }]);
    await ask('PUT /v1/customers/acme/tier', { ...GOLD, carryUsage: true });
    expect(await limitsOf()).toMatchObject([
      { window: 'month', amount: 134, remaining: 90 },
      { window: 'day', amount: 10, used: 34, remaining: 0 },
    ]);
  });

  it('without usage, by a migration of all', async () => {
    const to = { to: tier, carryUsage: false };
    await ask('POST /v1/tiers/Gold/versions/1/migrate', to);
    expect(await limitsOf()).toMatchObject([{ remaining: 60 }, { remaining: 5 }]);
  });
});
