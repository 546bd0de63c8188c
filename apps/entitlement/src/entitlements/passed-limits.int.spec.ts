import { MOST_ASKED_CUSTOMERS, type Overage, type PassedLimitsAnswer } from '@tallyward/contracts';
import { zeroAmounts } from '@tallyward/domain';
import {
  code,
  customersWorld,
  type CustomersWorld,
  limit,
} from '../customers/customers-world.builder';

const DAY_MS = 86_400_000;
const MARCH = { from: '2026-03-01T00:00:00.000Z', to: '2026-04-01T00:00:00.000Z' };
const TWELFTH = { from: '2026-03-12T00:00:00.000Z', to: '2026-03-13T00:00:00.000Z' };
/** So many users of one customer, three times, are more than one answer tells. */
const USERS = 4_000;
const ROWS = 1_000;
const MADE_WITHIN_MS = 60_000;

let world: CustomersWorld;
let project: string;
let ask: Awaited<ReturnType<CustomersWorld['own']>>['ask'];
beforeAll(async () => {
  world = await customersWorld();
  ({ project, ask } = await world.own());
});
afterAll(() => world?.close());

const labels = { workspace: '', role: '', model: 'm', modelGroup: 'premium' };
const used = (customer: string, instant: string, calls: number, user = '') =>
  world.totals.fold((transaction) => {
    const key = { project, customer, quarter: Date.parse(instant), ...labels, user };
    return transaction.addTotals(0, [{ key, amounts: { ...zeroAmounts(), calls }, proof: 0n }]);
  });

/** The customer has had the tier since a day, in the order of the calls. */
async function assigned(customer: string, tier: string, from = 0): Promise<void> {
  await world.dataSource.query(
    `INSERT INTO entitlement.tier_assignment (project, customer, tier, tier_version,
       effective_from, carry_usage, actor) VALUES ($1, $2, $3, 1, $4, true, 'spec')`,
    [project, customer, tier, from],
  );
}

interface Asked {
  readonly customer: string;
  readonly from: string;
  readonly to: string;
}

const passed = (of: readonly Asked[]) => ask('POST /internal/passed-limits', { of });

/** What people read of the same, page by page. */
async function shown({ customer, from, to }: Asked): Promise<Overage[]> {
  const found: Overage[] = [];
  for (let cursor = ''; ;) {
    const query = `from=${from}&to=${to}&limit=3${cursor && `&cursor=${cursor}`}`;
    const { body } = await ask(`GET /v1/customers/${customer}/overages?${query}`);
    found.push(...(body.data as Overage[]));
    if (body.nextCursor === null) return found;
    cursor = String(body.nextCursor);
  }
}

describe('what passed the limits of many customers', () => {
  const CUSTOMERS = ['acme', 'globex', 'hooli', 'initech', 'umbrella'];

  beforeAll(async () => {
    const allow = (more: object) => limit({ onLimit: 'allow', ...more });
    await ask('POST /v1/tiers', {
      name: 'Wide',
      limits: [
        allow({ amount: 10 }),
        allow({ amount: 3, window: 'day', modelGroup: '*' }),
        allow({ amount: 2, window: 'hour', scope: 'user' }),
        limit({ amount: 1, window: 'week' }),
        allow({ amount: 5, window: 'lifetime', modelGroup: '*' }),
      ],
    });
    const narrow = [allow({ amount: 4 }), allow({ amount: 6, window: 'billingPeriod' })];
    await ask('POST /v1/tiers', { name: 'Narrow', limits: narrow });
    for (const [n, customer] of CUSTOMERS.entries()) {
      const tier = { name: n % 2 === 0 ? 'Wide' : 'Narrow', version: 1 };
      await ask(`PUT /v1/customers/${customer}/tier`, tier);
      await assigned(customer, tier.name);
      await used(customer, '2026-03-03T10:00:00Z', 5 + n);
      await used(customer, '2026-03-12T10:15:00Z', 4, 'u-1');
      await used(customer, '2026-03-12T10:45:00Z', 3 * n, 'u-1');
      await used(customer, '2026-03-12T23:45:00Z', 2 + n, 'u-2');
    }
    // The month's window is decided by the tier that it ends with.
    await assigned('hooli', 'Narrow', Date.parse('2026-03-12T10:30:00Z'));
    const zone = { timeZone: 'Asia/Kolkata', billingAnchor: '2026-02-12T10:20:00.000Z' };
    await ask('PUT /v1/customers/initech', zone);
  });

  it('is what people read of each, whatever span each is asked for', async () => {
    const of = [
      ...CUSTOMERS.map((customer) => ({ customer, ...MARCH })),
      ...CUSTOMERS.map((customer) => ({ customer, ...TWELFTH })),
    ];
    const { body } = await passed(of);
    const each = await Promise.all(of.map(shown));
    const allowed = each.map((rows) =>
      rows.filter(({ onLimit, overage }) => onLimit === 'allow' && overage > 0),
    );
    expect(body).toEqual({ data: allowed });
    expect(allowed.map((rows) => rows.length)).toEqual([5, 2, 3, 3, 6, 4, 2, 2, 3, 5]);
  });

  it('leaves a customer out that is not there, and no other one', async () => {
    const of = ['acme', 'nobody', 'globex'].map((customer) => ({ customer, ...MARCH }));
    const { data } = (await passed(of)).body as PassedLimitsAnswer;
    expect(data.map((rows) => rows && rows.length > 0)).toEqual([true, null, true]);
  });

  it('is none of another project’s, and nothing without a caller', async () => {
    const other = await world.own();
    const of = [{ customer: 'acme', ...MARCH }];
    const { body } = await other.ask('POST /internal/passed-limits', { of });
    expect(body).toEqual({ data: [null] });
  });

  it('is asked of so many at a time, and of so many days', async () => {
    const one = { customer: 'acme', ...MARCH };
    const tooMany = Array.from({ length: MOST_ASKED_CUSTOMERS + 1 }, () => one);
    const to = new Date(Date.parse(MARCH.from) + 401 * DAY_MS).toISOString();
    for (const asked of [[], tooMany, [{ ...one, to }], [{ ...one, to: one.from }]]) {
      expect(code(await passed(asked))).toBe('422 invalid');
    }
    expect((await passed(tooMany.slice(1))).status).toBe(200);
  });

  it(
    'is refused where it is more than one answer tells',
    async () => {
      const limits = [limit({ scope: 'user', onLimit: 'allow', amount: 1 })];
      await ask('POST /v1/tiers', { name: 'Users', limits });
      await ask('PUT /v1/customers/crowd/tier', { name: 'Users', version: 1 });
      await assigned('crowd', 'Users');
      const quarter = Date.parse('2026-03-12T10:15:00Z');
      const rowOf = (n: number) => {
        const key = { project, customer: 'crowd', quarter, ...labels, user: `u-${n}` };
        return { key, amounts: { ...zeroAmounts(), calls: 2 }, proof: 0n };
      };
      await world.totals.fold(async (transaction) => {
        for (let from = 0; from < USERS; from += ROWS) {
          const rows = Array.from({ length: ROWS }, (_, n) => rowOf(from + n));
          await transaction.addTotals(0, rows);
        }
      });
      const crowd = { customer: 'crowd', ...MARCH };
      expect(code(await passed([crowd, crowd, crowd]))).toBe('422 too-many-rows');
      const { data } = (await passed([crowd])).body as PassedLimitsAnswer;
      expect(data[0]).toHaveLength(USERS);
    },
    MADE_WITHIN_MS,
  );
});
