import { zeroAmounts } from '@tallyward/domain';
import { until } from '@tallyward/testing';
import {
  code,
  customersWorld,
  type CustomersWorld,
  data,
  limit,
} from '../customers/customers-world.builder';

const USERS = 5_000;
const CHANGED_WITHIN_MS = 60_000;
/** Rows of one fold. */
const ROWS = 1_000;
const callsOf = (n: number): number => 101 + (n % 7);

let world: CustomersWorld;
beforeAll(async () => {
  world = await customersWorld();
});
afterAll(() => world?.close());

describe('a customer with 5,000 users that have a limit each', () => {
  let project: string;
  let ask: Awaited<ReturnType<CustomersWorld['own']>>['ask'];

  beforeAll(async () => {
    ({ project, ask } = await world.own());
    const limits = [limit({ scope: 'user', onLimit: 'allow' })];
    await ask('POST /v1/tiers', { name: 'Users', limits });
    await ask('PUT /v1/customers/acme/tier', { name: 'Users', version: 1 });
    const quarter = Math.floor(Date.now() / 900_000) * 900_000;
    const labels = { workspace: '', role: '', model: 'm', modelGroup: 'premium' };
    const rowOf = (n: number) => {
      const key = { project, customer: 'acme', quarter, ...labels, user: `u-${n}` };
      return { key, amounts: { ...zeroAmounts(), calls: callsOf(n) }, proof: 0n };
    };
    await world.totals.fold(async (transaction) => {
      for (let from = 0; from < USERS; from += ROWS) {
        const rows = Array.from({ length: ROWS }, (_, n) => rowOf(from + n));
        await transaction.addTotals(0, rows);
      }
    });
  }, 60_000);

  it('has its overages read, page by page', async () => {
    const [from, to] = [-1_000, 1_000].map((ms) => new Date(Date.now() + ms).toISOString());
    const query = `from=${from}&to=${to}&limit=200`;
    const answer = await ask(`GET /v1/customers/acme/overages?${query}`);
    expect([answer.status, data(answer).length]).toEqual([200, 200]);
    expect(data(answer)[0]).toMatchObject({ scope: 'user', used: 101, overage: 1 });
  }, 30_000);

  it('is told to name limits where all of them are too many to replenish at once', async () => {
    const answer = await ask('POST /v1/customers/acme/replenish', { limits: 'all', amount: 5 });
    expect([code(answer), JSON.stringify(answer.body.errors)]).toEqual([
      '422 invalid',
      expect.stringContaining('name the limits'),
    ]);
  }, 30_000);

  it(
    'begins a tier without usage, each of its users with the whole amount',
    async () => {
      const limits = [limit({ scope: 'user' })];
      await ask('POST /v1/tiers', { name: 'Anew', limits });
      const anew = { name: 'Anew', version: 1, carryUsage: false };
      // On a busy machine the answer may come late, and the change is made all the same: whoever is
      // told 503 is to ask again.
      const once = { 'idempotency-key': 'anew' };
      const change = async () => code(await ask('PUT /v1/customers/acme/tier', anew, once));
      await until(async () => (await change()) === '200', {
        what: 'the change',
        withinMs: CHANGED_WITHIN_MS,
      });
      const rows = await world.dataSource.query<{ user: string; used: string; left: string }[]>(
        `SELECT scope_value AS user, used, amount + extra - used AS left
       FROM entitlement.counter WHERE project = $1 ORDER BY length(scope_value), scope_value`,
        [project],
      );
      expect(rows).toEqual(
        Array.from({ length: USERS }, (_, n) => {
          return { user: `u-${n}`, used: String(callsOf(n)), left: '100' };
        }),
      );
    },
    CHANGED_WITHIN_MS + 30_000,
  );
});
