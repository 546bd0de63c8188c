import type { TierLimit } from '@tallyward/contracts';
import { until } from '@tallyward/testing';
import { aTierLimit, type Deciding, startDeciding, tierOf } from './decide.builder';

let deciding: Deciding;
beforeAll(async () => {
  deciding = await startDeciding();
});
afterAll(() => deciding.gateway.close());
afterEach(() => deciding.settings({}));

const on = (...limits: TierLimit[]) => deciding.customer(...limits);
const decide = (customer: string, body?: object) => deciding.decide(customer, body);
const leasedOf = (customer: string) =>
  [...deciding.entitlement.leases.values()].filter(({ counter }) =>
    counter.startsWith(`${customer} `),
  );

describe('a change of the customer', () => {
  it('to another tier gives back what is not held, and decides by the new one', async () => {
    const calls = aTierLimit({ amount: 1_000 });
    const customer = on(calls);
    await decide(customer);
    const next = { ...tierOf(customer), version: 2 };
    deciding.entitlement.tier(next, [aTierLimit({ amount: 2 })]);
    deciding.entitlement.customer(customer, next);
    const counter = deciding.entitlement.counter(customer, calls);
    await until(() => counter.leased === 1, { what: 'the return' });
    counter.amount = 2;
    expect(await decide(customer)).toMatchObject({ outcome: 'allow', tier: next });
    expect(await decide(customer)).toMatchObject({ outcome: 'throttle', reason: 'held' });
  });

  it('that is a gift is served at once, though a moment ago all was used up', async () => {
    const calls = aTierLimit({ amount: 5 });
    const customer = on(calls);
    const counter = deciding.entitlement.counter(customer, calls);
    counter.used = 5;
    expect(await decide(customer)).toMatchObject({ outcome: 'block', reason: 'used-up' });
    counter.amount = 10;
    expect(await decide(customer)).toMatchObject({ outcome: 'block', reason: 'used-up' });
    deciding.entitlement.customer(customer, tierOf(customer));
    expect(await decide(customer)).toMatchObject({ outcome: 'allow' });
  });

  it('that is a gift is shown at once, while there are leases', async () => {
    const calls = aTierLimit({ amount: 1_000 });
    const customer = on(calls);
    await decide(customer);
    deciding.entitlement.counter(customer, calls).amount = 1_500;
    expect(await decide(customer)).toMatchObject({ limits: [{ amount: 1_000 }] });
    deciding.entitlement.customer(customer, tierOf(customer));
    expect(await decide(customer)).toMatchObject({ limits: [{ amount: 1_500 }] });
  });

  it.each(['customer', 'project'])('to another time zone, its %s’s, gives back', async (whose) => {
    const calls = aTierLimit({ amount: 1_000 });
    const customer = on(calls);
    await decide(customer);
    const before = leasedOf(customer).length;
    const timeZone = 'Pacific/Apia';
    if (whose === 'project') deciding.settings({ timeZone });
    else deciding.entitlement.customer(customer, tierOf(customer), { timeZone });
    await decide(customer);
    const back = () => deciding.entitlement.sent.filter((one) => one.type === 'lease.returned');
    const isBack = () => back().some((one) => one.customer === customer);
    await until(() => Promise.resolve(isBack()), { what: 'the return' });
    expect(leasedOf(customer).length).toBeGreaterThan(before);
  });

  it('that is switched off blocks at once, and gives back its leases', async () => {
    const calls = aTierLimit();
    const customer = on(calls);
    await decide(customer);
    deciding.entitlement.customer(customer, tierOf(customer), { disabled: true });
    const answer = await decide(customer);
    expect(answer).toMatchObject({ outcome: 'block', reason: 'disabled', retryAt: null });
    const counter = deciding.entitlement.counter(customer, calls);
    await until(() => counter.leased === 1, { what: 'the return' });
  });

  it('that comes with the answer to an ask is decided by at once', async () => {
    const customer = on(aTierLimit({ unit: 'calls', window: 'day' }));
    const next = { ...tierOf(customer), version: 2 };
    const limit = aTierLimit({ amount: 7, window: 'week' });
    deciding.entitlement.tier(next, [limit]);
    deciding.entitlement.makeCustomer(customer, next);
    const answer = await decide(customer);
    expect(answer).toMatchObject({ outcome: 'allow', tier: next, limits: [{ amount: 7 }] });
  });
});
