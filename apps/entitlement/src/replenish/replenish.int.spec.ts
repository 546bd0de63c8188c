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

describe('entitlements', () => {
  it('are the limits of the present tier, with what was used and what is left', async () => {
    await world.use(project, 'acme', 12);
    const { status, body } = await ask('GET /v1/customers/acme/entitlements');
    expect([status, body]).toMatchObject([
      200,
      {
        customer: 'acme',
        tier: GOLD,
        state: 'active',
        limits: [
          {
            ...MONTH,
            ...{ scopeValue: 'acme', amount: 100, used: 12, held: 0, remaining: 88 },
            ...{ overage: 0, overrun: 0, timeZone: 'UTC', onLimit: 'block', exceeded: false },
          },
          { window: 'day', amount: 10, used: 12, remaining: 0, overrun: 2, exceeded: true },
        ],
      },
    ]);
    const [month] = body.limits as { windowStart: string; resetAt: string }[];
    expect(month?.windowStart).toMatch(/-01T00:00:00.000Z$/);
    expect(Date.parse(month?.resetAt ?? '')).toBeGreaterThan(Date.now());
    // Nothing stands in the log: all of it is counted.
    expect(Date.now() - Date.parse(String(body.asOf))).toBeLessThan(60_000);
  });

  it('write nothing, and are of known customers of the project alone', async () => {
    await limitsOf();
    const [row] = await world.dataSource.query<{ n: number }[]>(
      'SELECT count(*)::integer AS n FROM entitlement.counter WHERE project = $1',
      [project],
    );
    expect(row?.n).toBe(0);
    expect(code(await ask('GET /v1/customers/nobody/entitlements'))).toBe('404 not-found');
    const other = await world.own();
    expect(code(await other.ask('GET /v1/customers/acme/entitlements'))).toBe('404 not-found');
  });

  it('say that a customer is switched off; a call and a lifetime have no window to show', async () => {
    const limits = [limit({ window: 'request', unit: 'tokens' }), limit({ window: 'lifetime' })];
    await ask('POST /v1/tiers', { name: 'Odd', limits });
    await ask('PUT /v1/customers/acme/tier', { name: 'Odd', version: 1 });
    await ask('PUT /v1/customers/acme', { disabled: true });
    const { body } = await ask('GET /v1/customers/acme/entitlements');
    expect(body).toMatchObject({
      state: 'disabled',
      limits: [
        { window: 'request', used: 0, windowStart: null, resetAt: null, exceeded: false },
        { window: 'lifetime', windowStart: null, resetAt: null },
      ],
    });
  });

  it('have users that have an open counter', async () => {
    const limits = [limit({ scope: 'user', window: 'month' })];
    await ask('POST /v1/tiers', { name: 'Users', limits });
    await ask('PUT /v1/customers/acme/tier', { name: 'Users', version: 1 });
    expect(await limitsOf()).toEqual([]);
    await world.use(project, 'acme', 3, { user: 'u-1' });
    await give('all', 5);
    expect(await limitsOf()).toMatchObject([
      { scope: 'user', scopeValue: 'u-1', amount: 105, used: 3, remaining: 102 },
    ]);
  });
});

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
