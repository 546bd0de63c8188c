import { zeroAmounts } from '@tallyward/domain';
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

  it('say of a limit that drips when its window ends, as a decision does', async () => {
    const replenishment = { kind: 'drip' as const, amount: 1, every: 'PT1S', cap: 100 };
    await ask('POST /v1/tiers', {
      name: 'Drips',
      limits: [limit({ replenishment }), limit({ window: 'week' })],
    });
    await ask('PUT /v1/customers/acme/tier', { name: 'Drips', version: 1 });
    await world.use(project, 'acme', 3);
    const { body } = await ask('GET /v1/customers/acme/entitlements');
    const [month] = body.limits as { windowStart: string; resetAt: string }[];
    const end = new Date(month?.windowStart ?? '');
    end.setUTCMonth(end.getUTCMonth() + 1);
    expect(month?.resetAt).toBe(end.toISOString());
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

describe('overages', () => {
  const at = (text: string) => Date.parse(text);
  const used = (quarter: string, calls: number, user = '') =>
    world.totals.fold((transaction) => {
      const labels = { workspace: '', user, role: '', model: 'm', modelGroup: 'premium' };
      const key = { project, customer: 'acme', quarter: at(quarter), ...labels };
      return transaction.addTotals(0, [{ key, amounts: { ...zeroAmounts(), calls }, proof: 0n }]);
    });
  const rows = async (query: string) => ask(`GET /v1/customers/acme/overages?${query}`);
  const YEAR = 'from=2026-01-01T00:00:00Z&to=2026-06-01T00:00:00Z';

  beforeEach(async () => {
    const limits = [
      limit({ amount: 10, onLimit: 'allow' }),
      limit({ window: 'day', amount: 8 }),
      limit({ scope: 'user', window: 'month', amount: 3, onLimit: 'allow' }),
    ];
    await ask('POST /v1/tiers', { name: 'Open', limits });
    await ask('PUT /v1/customers/acme/tier', { name: 'Open', version: 1 });
    await world.dataSource.query(
      `INSERT INTO entitlement.tier_assignment (project, customer, tier, tier_version,
         effective_from, carry_usage, actor) VALUES ($1, 'acme', 'Open', 1, 0, true, 'spec')`,
      [project],
    );
  });

  it('are one row per limit and window, whole windows, by window; what blocks by its overrun', async () => {
    await used('2026-02-03T10:00:00Z', 7);
    await used('2026-02-03T10:15:00Z', 2, 'u-1');
    await used('2026-02-28T23:45:00Z', 4, 'u-1');
    await used('2026-03-01T00:00:00Z', 1);
    const { body } = await rows(YEAR);
    const shown = (body.data as Record<string, unknown>[]).map((row) => [
      ...[row.scope, row.window, row.windowStart, row.used, row.overage, row.overrun],
    ]);
    expect(shown).toEqual([
      ['customer', 'month', '2026-02-01T00:00:00.000Z', 13, 3, 0],
      ['user', 'month', '2026-02-01T00:00:00.000Z', 6, 3, 0],
      ['customer', 'day', '2026-02-03T00:00:00.000Z', 9, 0, 1],
      ['customer', 'month', '2026-03-01T00:00:00.000Z', 1, 0, 0],
    ]);
    expect((body.data as unknown[])[0]).toMatchObject({
      tier: { name: 'Open', version: 1 },
      ...{ scopeValue: 'acme', modelGroup: 'premium', unit: 'calls', onLimit: 'allow' },
      ...{ amount: 10, windowEnd: '2026-03-01T00:00:00.000Z', timeZone: 'UTC' },
    });
    const inside = await rows('from=2026-02-10T00:00:00Z&to=2026-02-11T00:00:00Z');
    expect((inside.body.data as unknown[]).length).toBe(2);
  });

  it('come in pages, of known customers, in a span that ends after it begins', async () => {
    for (const month of ['01', '02', '03']) await used(`2026-${month}-05T00:00:00Z`, 1);
    const starts: unknown[] = [];
    let cursor = '';
    do {
      const { body } = await rows(`${YEAR}&limit=2${cursor}`);
      starts.push(...(body.data as { windowStart: string }[]).map((row) => row.windowStart));
      cursor = body.nextCursor === null ? '' : `&cursor=${String(body.nextCursor)}`;
    } while (cursor !== '');
    expect(starts).toEqual(['01', '02', '03'].map((m) => `2026-${m}-01T00:00:00.000Z`));
    expect(code(await rows(`${YEAR}&cursor=x`))).toBe('422 invalid');
    expect(code(await rows('from=2026-02-01T00:00:00Z&to=2026-02-01T00:00:00Z'))).toBe(
      '422 invalid',
    );
    expect(code(await rows('from=2020-02-01T00:00:00Z&to=2026-02-01T00:00:00Z'))).toBe(
      '422 invalid',
    );
    expect(code(await ask(`GET /v1/customers/nobody/overages?${YEAR}`))).toBe('404 not-found');
  });

  it('of the present window know what was given', async () => {
    await world.use(project, 'acme', 30);
    await give([MONTH], 15);
    const [from, to] = [-1_000, 1_000].map((ms) => new Date(Date.now() + ms).toISOString());
    const { body } = await rows(`from=${from}&to=${to}`);
    expect(body.data).toMatchObject([{ amount: 25, used: 30, overage: 5 }, { overrun: 22 }]);
  });
});

it('near a limit is who is near it with all that was added', async () => {
  await ask('POST /v1/tiers', { name: 'Month', limits: [limit()] });
  await ask('PUT /v1/customers/acme/tier', { name: 'Month', version: 1 });
  await world.use(project, 'acme', 90);
  const near = async (percent: number) =>
    data(await ask(`GET /v1/customers?near=${percent}`)).map(({ customer }) => customer);
  expect(await near(80)).toEqual(['acme']);
  await give([MONTH], 20);
  expect(await near(80)).toEqual([]);
  expect(await near(75)).toEqual(['acme']);
  await give([MONTH], 'reset');
  expect(await near(75)).toEqual([]);
});
