import { limitOf, type TierLimit } from '@tallyward/contracts';
import { counterName } from '@tallyward/domain';
import { until } from '@tallyward/testing';
import { aTierLimit, type Deciding, startDeciding } from './decide.builder';

let deciding: Deciding;
beforeAll(async () => {
  deciding = await startDeciding();
});
afterAll(() => deciding.gateway.close());
afterEach(async () => {
  deciding.settings({});
  if (!deciding.entitlement.isAway) return;
  deciding.entitlement.isAway = false;
  const customer = deciding.customer(aTierLimit({ amount: 1_000 }));
  const isBack = async () => (await deciding.decide(customer)).reason === null;
  await until(isBack, { what: 'an answer of entitlement' });
});

const on = (...limits: TierLimit[]) => deciding.customer(...limits);
const decide = (customer: string, body?: object) => deciding.decide(customer, body);
const asksOf = (customer: string) =>
  deciding.entitlement.asks.filter((ask) => ask.customer === customer);
const leasedOf = (customer: string) =>
  [...deciding.entitlement.leases.values()].filter(({ counter }) =>
    counter.startsWith(`${customer} `),
  );

describe('a burst of calls', () => {
  it('sells every unit, and no unit twice', async () => {
    const calls = aTierLimit({ amount: 100 });
    const tokens = aTierLimit({ unit: 'tokens', amount: 50_000 });
    const customer = on(calls, tokens);
    const burst = Array.from({ length: 400 }, () =>
      decide(customer, { estimate: { inputTokens: 100, maxOutputTokens: 100 } }),
    );
    const outcomes = (await Promise.all(burst)).map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === 'allow')).toHaveLength(100);
    expect(new Set(outcomes)).toEqual(new Set(['allow', 'throttle']));
    expect(deciding.entitlement.counter(customer, calls).leased).toBe(100);
  });

  it('of many users is served, each from its own limit', async () => {
    const whole = aTierLimit({ amount: 60 });
    const ofUser = aTierLimit({ scope: 'user', amount: 1 });
    const customer = on(whole, ofUser);
    const burst = Array.from({ length: 40 }, (_, index) =>
      decide(customer, { user: `u-${index % 20}` }),
    );
    const answers = await Promise.all(burst);
    const served = answers.filter(({ outcome }) => outcome === 'allow');
    expect(served).toHaveLength(20);
  });
});

describe('while entitlement does not answer', () => {
  it('a call without leases is throttled as degraded, and one with leases is served', async () => {
    const customer = on(aTierLimit({ amount: 1_000 }));
    await decide(customer);
    deciding.entitlement.isAway = true;
    expect(await decide(customer)).toMatchObject({ outcome: 'allow', reason: null });
    const other = on(aTierLimit());
    const answer = await decide(other);
    expect(answer).toMatchObject({ outcome: 'throttle', reason: 'degraded', holdId: null });
    expect(Date.parse(answer.retryAt ?? '')).toBeGreaterThan(Date.now() - 1_000);
    await until(() => deciding.recorded(other).length === 1, { what: 'the decision log' });
  });

  it('it is allowed without a hold where the project says so; later ones do not wait', async () => {
    deciding.settings({ failOpen: true });
    deciding.entitlement.isAway = true;
    const customer = on(aTierLimit());
    const degraded = { outcome: 'allow', reason: 'degraded', holdId: null, model: 'gpt-4o' };
    expect(await decide(customer)).toMatchObject(degraded);
    const asked = asksOf(customer).length;
    expect(asked).toBeGreaterThan(0);
    const another = on(aTierLimit());
    expect(await decide(another)).toMatchObject(degraded);
    expect(asksOf(another)).toHaveLength(0);
  });

  it('the ask is repeated as it was, and its answer is taken once it comes', async () => {
    deciding.entitlement.isAway = true;
    const customer = on(aTierLimit());
    await decide(customer);
    await until(() => asksOf(customer).length >= 2, { what: 'a repeated ask' });
    expect(asksOf(customer)[1]).toEqual(asksOf(customer)[0]);
    deciding.entitlement.isAway = false;
    await until(() => leasedOf(customer).length === 1, { what: 'a lease' });
    expect(await decide(customer)).toMatchObject({ outcome: 'allow', reason: null });
    expect(leasedOf(customer)).toHaveLength(1);
  });

  it('a call that only limits meet that allow is served all the same', async () => {
    deciding.entitlement.isAway = true;
    const customer = on(aTierLimit({ onLimit: 'allow' }));
    const answer = await decide(customer);
    expect(answer).toMatchObject({ outcome: 'allow', reason: null, overage: false });
    expect(answer.holdId).not.toBeNull();
  });
});

describe('a call that only calls in flight are in the way of', () => {
  const taken = async (limit: TierLimit, ...more: TierLimit[]) => {
    const customer = on(limit, ...more);
    for (let call = 0; call < limit.amount; call += 1) await decide(customer);
    return customer;
  };

  it('is told so at once where they are in flight, though its own leases are recalled', async () => {
    const customer = await taken(aTierLimit({ amount: 5 }));
    const asked = asksOf(customer).length;
    const answer = await decide(customer);
    expect(answer).toMatchObject({ outcome: 'throttle', reason: 'held', limits: [{ held: 5 }] });
    expect(asksOf(customer).length - asked).toBeLessThanOrEqual(2);
  });

  it('is rerouted there', async () => {
    const limit = aTierLimit({ amount: 3, onLimit: 'restrict', restrictTo: 'standard' });
    const customer = await taken(limit);
    expect(await decide(customer)).toMatchObject({ outcome: 'restrict', modelGroup: 'standard' });
  });
});

describe('what entitlement tells', () => {
  it('twice is taken once', async () => {
    const calls = aTierLimit({ amount: 40 });
    const customer = on(calls);
    await decide(customer);
    const [ask] = asksOf(customer);
    if (!ask) throw new Error('no ask');
    deciding.entitlement.tell(deciding.entitlement.answerTo(ask));
    const burst = Array.from({ length: 80 }, () => decide(customer));
    const served = (await Promise.all(burst)).filter(({ outcome }) => outcome === 'allow');
    expect(served).toHaveLength(39);
  });

  it('to another process of this name is left alone', async () => {
    const calls = aTierLimit();
    const customer = on(calls);
    await decide(customer);
    const [ask] = asksOf(customer);
    if (!ask) throw new Error('no ask');
    const gateway = 'gateway-1.another';
    const grant = deciding.entitlement.answerTo(ask);
    const before = deciding.gateway.lines.length;
    deciding.entitlement.tell({ ...grant, gateway });
    deciding.entitlement.tell({ ...grant, ask: `${gateway}.1` } as typeof grant);
    expect(deciding.gateway.lines.slice(before).join('')).not.toContain('"level":"error"');
    expect(await decide(customer)).toMatchObject({ limits: [{ held: 2 }] });
  });

  it('of a recall gives back what is not held, and the rest as it is released', async () => {
    const calls = aTierLimit({ amount: 1_000 });
    const customer = on(calls);
    await decide(customer);
    const [ask] = asksOf(customer);
    const leases = leasedOf(customer).map(({ id }) => id);
    const counter = deciding.entitlement.counter(customer, calls);
    deciding.entitlement.tell({ type: 'lease.recalled', gateway: ask?.gateway ?? '', leases });
    await until(() => counter.leased === 1, { what: 'the return' });
  });

  it('of what others hold is shown, and what is held here is told', async () => {
    const calls = aTierLimit({ onLimit: 'allow' });
    const customer = on(calls);
    deciding.entitlement.counter(customer, calls).heldBy.set('gateway-2.x', 7);
    expect(await decide(customer)).toMatchObject({ limits: [{ held: 8, remaining: 92 }] });
    const counted = () =>
      deciding.entitlement.sent.flatMap((message) =>
        message.type === 'hold.counted' && message.customer === customer ? message.held : [],
      );
    await until(() => counted().length === 1, { what: 'the count of holds' });
    expect(counted()).toMatchObject([{ held: 1 }]);
    const [ask] = asksOf(customer);
    deciding.entitlement.tell({
      type: 'hold.elsewhere',
      gateway: ask?.gateway ?? '',
      project: 'demo',
      customer,
      held: [{ limit: counterName(limitOf(calls), customer), held: 0 }],
    });
    expect(await decide(customer)).toMatchObject({ limits: [{ held: 2, remaining: 98 }] });
  });
});
