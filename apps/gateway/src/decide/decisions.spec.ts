import { until } from '@tallyward/testing';
import type { TierLimit } from '@tallyward/contracts';
import { aTierLimit, type Deciding, NEWCOMERS, startDeciding, tierOf } from './decide.builder';

let deciding: Deciding;
beforeAll(async () => {
  deciding = await startDeciding();
});
afterAll(() => deciding.gateway.close());
afterEach(() => deciding.settings({}));

const decide = (customer: string, body?: object) => deciding.decide(customer, body);
const on = (...limits: TierLimit[]) => deciding.customer(...limits);
const asksOf = (customer: string) =>
  deciding.entitlement.asks.filter((ask) => ask.customer === customer);
const used = (customer: string, limit: TierLimit, amount: number, scopeValue?: string) => {
  deciding.entitlement.counter(customer, limit, scopeValue).used = amount;
};
const leased = (customer: string, limit: TierLimit, amount: number) => {
  deciding.entitlement.counter(customer, limit).leased = amount;
};

const calls = aTierLimit();
const tokens = aTierLimit({ unit: 'tokens', amount: 1_000 });
const estimate = { inputTokens: 60, maxOutputTokens: 40 };

describe('an allowed call', () => {
  it('gets a hold, and sees what it holds of each limit', async () => {
    const customer = on(calls, tokens);
    const answer = await decide(customer, { estimate, ttlSeconds: 60 });
    expect(answer).toMatchObject({
      outcome: 'allow',
      reason: null,
      model: 'gpt-4o',
      modelGroup: 'premium',
      restrictedFrom: null,
      overage: false,
      message: null,
      retryAt: null,
      tier: tierOf(customer),
    });
    expect(answer.holdId).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(answer.limits).toMatchObject([
      { unit: 'calls', amount: 100, used: 0, held: 1, remaining: 99, exceeded: false },
      { unit: 'tokens', amount: 1_000, used: 0, held: 100, remaining: 900, timeZone: 'UTC' },
    ]);
    expect(Date.parse(answer.expiresAt ?? '') - Date.now()).toBeGreaterThan(50_000);
    expect(asksOf(customer).map(({ wants }) => wants.length)).toEqual([2]);
  });

  it('needs no ask while leases are in hand, and is in no decision log', async () => {
    const customer = on(calls);
    for (let call = 0; call < 5; call += 1) await decide(customer);
    expect(asksOf(customer)).toHaveLength(1);
    expect(deciding.recorded(customer)).toEqual([]);
  });

  it('is unlimited in a group without a limit, and can still be settled', async () => {
    const customer = on(aTierLimit({ modelGroup: 'standard' }));
    const answer = await decide(customer);
    expect(answer).toMatchObject({ outcome: 'allow', limits: [] });
    expect(answer.holdId).not.toBeNull();
    expect(asksOf(customer)).toHaveLength(0);
  });

  it('makes a customer that nobody knew, on the default tier, with one ask', async () => {
    const answer = await decide('a newcomer');
    expect(answer).toMatchObject({ outcome: 'allow', tier: NEWCOMERS });
    expect(asksOf('a newcomer')).toHaveLength(1);
    expect(deciding.entitlement.customers.has('a newcomer')).toBe(true);
  });
});

describe('at a limit', () => {
  it('block says so with the tier’s words until the window ends, and asks once', async () => {
    const limit = aTierLimit({ message: 'Call us.' });
    const customer = on(limit);
    used(customer, limit, 100);
    const answer = await decide(customer);
    expect(answer).toMatchObject({
      outcome: 'block',
      reason: 'used-up',
      holdId: null,
      expiresAt: null,
      message: 'Call us.',
      limits: [{ used: 100, held: 0, remaining: 0, exceeded: true }],
    });
    expect(answer.retryAt).toBe(answer.limits[0]?.resetAt);
    await decide(customer);
    expect(asksOf(customer)).toHaveLength(1);
    await until(() => deciding.recorded(customer).length === 2, { what: 'the decision log' });
    expect(deciding.recorded(customer)[0]).toMatchObject({ outcome: 'block', hold: null });
  });

  it('that others hold is throttled as held, never blocked', async () => {
    const customer = on(calls);
    leased(customer, calls, 100);
    const answer = await decide(customer);
    expect(answer).toMatchObject({ outcome: 'throttle', reason: 'held', holdId: null });
    expect(Date.parse(answer.retryAt ?? '')).toBeGreaterThan(Date.now());
  });

  it('throttle says when the window opens again', async () => {
    const limit = aTierLimit({ onLimit: 'throttle', window: 'hour' });
    const customer = on(limit);
    used(customer, limit, 100);
    const answer = await decide(customer);
    expect(answer).toMatchObject({ outcome: 'throttle', reason: 'rate' });
    expect(answer.retryAt).toBe(answer.limits[0]?.resetAt);
  });

  it('restrict goes along the chain to the group that has some left', async () => {
    const first = aTierLimit({
      modelGroup: 'reasoning',
      onLimit: 'restrict',
      restrictTo: 'premium',
    });
    const second = aTierLimit({ onLimit: 'restrict', restrictTo: 'standard' });
    const last = aTierLimit({ modelGroup: 'standard' });
    const customer = on(first, second, last);
    used(customer, first, 100);
    leased(customer, second, 100);
    const answer = await decide(customer, { model: 'o1' });
    expect(answer).toMatchObject({
      outcome: 'restrict',
      reason: 'used-up',
      model: 'gpt-4o-mini',
      modelGroup: 'standard',
      restrictedFrom: 'reasoning',
      limits: [
        { modelGroup: 'reasoning', exceeded: true },
        { modelGroup: 'premium', exceeded: true },
        { modelGroup: 'standard', exceeded: false, held: 1 },
      ],
    });
    expect(answer.holdId).not.toBeNull();
    await until(() => deciding.recorded(customer).length === 1, { what: 'the decision log' });
  });

  it('a reroute into a group without models serves nobody and holds nothing', async () => {
    const limit = aTierLimit({ amount: 0, onLimit: 'restrict', restrictTo: 'empty' });
    const open = aTierLimit({ modelGroup: 'empty' });
    const customer = on(limit, open);
    const answer = await decide(customer);
    expect(answer).toMatchObject({ outcome: 'block', reason: 'disabled', holdId: null });
    expect(answer.limits).toMatchObject([{ amount: 0 }, { modelGroup: 'empty', held: 0 }]);
  });

  it('a call larger than the limit ever is never fits, whatever it asks', async () => {
    const request = aTierLimit({ unit: 'tokens', window: 'request', amount: 99 });
    for (const customer of [on(request), on(aTierLimit({ ...request, window: 'day' }))]) {
      const answer = await decide(customer, { estimate });
      expect(answer).toMatchObject({ outcome: 'block', reason: 'per-request', retryAt: null });
    }
  });

  it('an amount of 0 switches the group off without an ask', async () => {
    const customer = on(aTierLimit({ amount: 0 }));
    const answer = await decide(customer);
    expect(answer).toMatchObject({ outcome: 'block', reason: 'disabled', retryAt: null });
    expect(asksOf(customer)).toHaveLength(0);
  });

  it('a call of unknown size does not pass a limit of tokens that is off or used up', async () => {
    const off = on(aTierLimit({ unit: 'tokens', amount: 0 }));
    expect(await decide(off)).toMatchObject({ outcome: 'block', reason: 'disabled' });
    for (const unit of ['tokens', 'inputTokens', 'outputTokens', 'reasoningTokens'] as const) {
      const limit = aTierLimit({ unit });
      const customer = on(limit);
      expect((await decide(customer)).limits).toMatchObject([{ unit, held: 1 }]);
      const spent = on(limit);
      used(spent, limit, 100);
      expect(await decide(spent)).toMatchObject({ outcome: 'block', reason: 'used-up' });
    }
  });

  it('allow serves on, and says what is overage, exactly with one gateway', async () => {
    const limit = aTierLimit({ onLimit: 'allow', amount: 2 });
    const customer = on(limit);
    const answers = [];
    for (let call = 0; call < 3; call += 1) answers.push(await decide(customer));
    expect(answers.map(({ overage }) => overage)).toEqual([false, false, true]);
    expect(answers.map(({ outcome }) => outcome)).toEqual(['allow', 'allow', 'allow']);
    await until(() => deciding.recorded(customer).length === 1, { what: 'the decision log' });
  });

  it('counts what was used before on an allow limit, by a look at entitlement’s word', async () => {
    const limit = aTierLimit({ onLimit: 'allow', amount: 2 });
    const customer = on(limit);
    used(customer, limit, 5);
    const answer = await decide(customer);
    expect(answer).toMatchObject({ overage: true, limits: [{ used: 5, overage: 3, held: 1 }] });
  });

  it('names first the limit that the call passes, and says that it is exceeded', async () => {
    const roomy = aTierLimit({ onLimit: 'allow', amount: 50 });
    const passed = aTierLimit({ onLimit: 'allow', amount: 2, window: 'day' });
    const customer = on(roomy, passed);
    used(customer, passed, 5);
    const shown = (await decide(customer)).limits.map(({ window, exceeded }) => [window, exceeded]);
    expect(shown).toEqual([
      ['day', true],
      [roomy.window, false],
    ]);
  });
});

describe('a call of a workspace and a user', () => {
  const whole = aTierLimit({ modelGroup: '*', amount: 50 });
  const ofUser = aTierLimit({ scope: 'user', amount: 5 });
  const ofWorkspace = aTierLimit({ scope: 'workspace', amount: 20 });

  it('takes of all three limits or of none, and says whose stood in the way', async () => {
    const customer = on(whole, ofUser, ofWorkspace);
    used(customer, ofUser, 5, 'u-1');
    const spent = await decide(customer, { user: 'u-1', workspace: 'emea' });
    expect(spent).toMatchObject({ outcome: 'block', reason: 'used-up' });
    expect(spent.message).toContain('u-1');
    expect(spent.limits.filter(({ exceeded }) => exceeded)).toMatchObject([
      { scope: 'user', scopeValue: 'u-1' },
    ]);
    const other = await decide(customer, { user: 'u-2', workspace: 'emea' });
    expect(other).toMatchObject({ outcome: 'allow' });
    expect(other.limits.map(({ held }) => held)).toEqual([1, 1, 1]);
    const plain = await decide(customer);
    expect(plain.limits).toMatchObject([{ scope: 'customer', held: 2 }]);
  });
});

describe('a model that nobody registered', () => {
  it('is blocked, unless the settings allow it', async () => {
    const customer = on(aTierLimit({ modelGroup: '*' }));
    const blocked = await decide(customer, { model: 'nobody-knows' });
    expect(blocked).toMatchObject({ outcome: 'block', reason: 'unknown-model', holdId: null });
    deciding.settings({ unknownModels: 'allow' });
    const allowed = await decide(customer, { model: 'nobody-knows' });
    expect(allowed).toMatchObject({ outcome: 'allow', modelGroup: 'unclassified' });
    expect(allowed.limits).toMatchObject([{ modelGroup: '*', held: 1 }]);
  });
});
