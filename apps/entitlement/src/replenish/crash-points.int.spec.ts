import { testbed, type Testbed, Trap } from '@tallyward/testing';
import { join } from 'node:path';
import { limit } from '../customers/customers-world.builder';
import { adminOf, ask, OPERATOR, OPERATOR_KEY } from '../entitlement.builder';

/** Where a gift may be cut off, beside the points of every change of customers. */
const POINTS = [
  'customers.after-forgiven',
  'counters.after-opened',
  'counters.after-grown',
  'counters.after-raised',
] as const;

jest.setTimeout(300_000);
let bed: Testbed;
beforeAll(async () => {
  bed = await testbed();
});
afterAll(() => bed?.close());

it('a gift that the process died over is given once, when it is asked for again', async () => {
  const trap = new Trap(join(bed.directory, 'gift-trap'));
  const environment = { TALLYWARD_OPERATOR_KEY: OPERATOR_KEY, ...trap.environment() };
  const service = await bed.spawnService('entitlement', environment);
  const tell = (line: string, as: typeof OPERATOR, body: unknown, headers = {}) =>
    ask(service.url, bed.internalSecret, line, { as, body, headers });
  const made = await tell('POST /v1/projects', OPERATOR, { name: 'Chat' });
  const as = adminOf(String(made.body.project));
  await tell('POST /v1/tiers', as, { name: 'Gold', limits: [limit()] });
  await tell('PUT /v1/customers/acme/tier', as, { name: 'Gold', version: 1 });
  const path = 'POST /v1/customers/acme/replenish';
  const amounts: unknown[] = [];
  for (const point of POINTS) {
    trap.set([point]);
    const give = () =>
      tell(path, as, { limits: 'all', amount: 5 }, { 'idempotency-key': `gift-${point}` });
    await expect(give()).rejects.toThrow();
    await trap.sprung(1);
    expect(trap.deaths()).toEqual([point]);
    await service.start();
    const answers = [await give(), await give()];
    amounts.push(...answers.map(({ body }) => (body.limits as { amount: number }[])[0]?.amount));
  }
  expect(amounts).toEqual(POINTS.flatMap((_, n) => [105 + 5 * n, 105 + 5 * n]));
  const audit = await ask(service.url, bed.internalSecret, 'GET /v1/audit?customer=acme', { as });
  const told = (audit.body.data as { type: string }[]).map(({ type }) => type);
  expect(told.filter((type) => type === 'limit.replenished')).toHaveLength(POINTS.length);
});
