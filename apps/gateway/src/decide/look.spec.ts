import { aTierLimit, type Deciding, NEWCOMERS, startDeciding } from './decide.builder';

let deciding: Deciding;
beforeAll(async () => {
  deciding = await startDeciding();
});
afterAll(() => deciding.gateway.close());

const decide = (customer: string, body?: object) => deciding.decide(customer, body);

describe('a look', () => {
  it('holds nothing, is in no log, and makes no customer', async () => {
    const answer = await decide('only looked at', { hold: false });
    expect(answer).toMatchObject({ outcome: 'allow', holdId: null, tier: NEWCOMERS });
    expect(answer.limits).toMatchObject([{ amount: 3, used: 0, held: 0 }]);
    const asked = deciding.entitlement.asks.filter((ask) => ask.customer === 'only looked at');
    expect(asked.every(({ looks }) => looks)).toBe(true);
    expect(deciding.entitlement.customers.has('only looked at')).toBe(false);
  });

  it('says no as a call would, with fresh numbers', async () => {
    const calls = aTierLimit();
    const customer = deciding.customer(calls);
    deciding.entitlement.counter(customer, calls).used = 100;
    const answer = await decide(customer, { hold: false });
    expect(answer).toMatchObject({ outcome: 'block', reason: 'used-up', limits: [{ used: 100 }] });
    expect(deciding.recorded(customer)).toEqual([]);
  });
});
