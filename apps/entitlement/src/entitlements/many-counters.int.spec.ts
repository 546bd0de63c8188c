import { zeroAmounts } from '@tallyward/domain';
import {
  code,
  customersWorld,
  type CustomersWorld,
  data,
  limit,
} from '../customers/customers-world.builder';

const USERS = 8_000;
/** Rows of one fold. */
const ROWS = 1_000;

let world: CustomersWorld;
beforeAll(async () => {
  world = await customersWorld();
});
afterAll(() => world?.close());

describe('a customer with 8,000 users that have a limit each', () => {
  let ask: Awaited<ReturnType<CustomersWorld['own']>>['ask'];

  beforeAll(async () => {
    const own = await world.own();
    ({ ask } = own);
    const limits = [limit({ scope: 'user', onLimit: 'allow' })];
    await ask('POST /v1/tiers', { name: 'Users', limits });
    await ask('PUT /v1/customers/acme/tier', { name: 'Users', version: 1 });
    const quarter = Math.floor(Date.now() / 900_000) * 900_000;
    const labels = { workspace: '', role: '', model: 'm', modelGroup: 'premium' };
    const rowOf = (n: number) => {
      const key = { project: own.project, customer: 'acme', quarter, ...labels, user: `u-${n}` };
      return { key, amounts: { ...zeroAmounts(), calls: 101 }, proof: 0n };
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
});
