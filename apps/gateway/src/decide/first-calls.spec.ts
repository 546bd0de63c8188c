import { until } from '@tallyward/testing';
import { aTierLimit, type Deciding, NEWCOMERS, startDeciding } from './decide.builder';

let deciding: Deciding;
beforeAll(async () => {
  deciding = await startDeciding();
});
afterAll(() => deciding.gateway.close());

const decide = (customer: string, body?: object) => deciding.decide(customer, body);
const asksOf = (customer: string) =>
  deciding.entitlement.asks.filter((ask) => ask.customer === customer);

describe('the first deciding call of a customer, about a model that nobody registered,', () => {
  it('makes the customer all the same, with one ask, and later shows its tier', async () => {
    const model = 'nobody-knows';
    const first = await decide('unknown everywhere', { model });
    expect(first).toMatchObject({ reason: 'unknown-model', tier: null });
    await decide('unknown everywhere', { model });
    await until(() => deciding.entitlement.customers.has('unknown everywhere'), {
      what: 'the customer',
    });
    expect(asksOf('unknown everywhere')).toMatchObject([{ wants: [], looks: false }]);
    const answers: unknown[] = [];
    await until(
      async () => {
        answers.push((await decide('unknown everywhere', { model })).tier);
        return answers.at(-1) !== null;
      },
      { what: 'its tier' },
    );
    expect(answers.at(-1)).toEqual(NEWCOMERS);
    expect(asksOf('unknown everywhere')).toHaveLength(1);
    expect(await decide('unknown everywhere')).toMatchObject({ outcome: 'allow', tier: NEWCOMERS });
  });

  it('makes nobody by a look', async () => {
    await decide('never decided', { model: 'nobody-knows', hold: false });
    expect(asksOf('never decided')).toEqual([]);
  });
});

describe('a window that opens with the first use', () => {
  const limit = aTierLimit({ window: { firstUse: 'PT1M' } });

  it('is not asked for ahead: nobody may use it, and it would have begun', async () => {
    const customer = deciding.customer(limit);
    const { window } = deciding.entitlement.counter(customer, limit);
    Object.assign(window, { to: Date.now() + 3_000 });
    for (let call = 0; call < 3; call += 1) {
      const [shown] = (await decide(customer)).limits;
      expect(Date.parse(shown?.windowStart ?? '')).toBe(window.from);
    }
    expect(asksOf(customer)).toMatchObject([{ opensAt: null }]);
  });
});
