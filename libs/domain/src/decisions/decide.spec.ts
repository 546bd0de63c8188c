import fc from 'fast-check';
import { aLimit } from '../tiers/limit.builder';
import type { Limit } from '../tiers/limit';
import { tierFaults } from '../tiers/tier-faults';
import { amountsOf } from '../units';
import { type Call, counterName, decide, limitsMet, type Met, type Spender } from './decide';
import { effectOf, type ObstacleReason } from './obstacle';

const NONE = { cacheReadTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0, images: 0 };
const demand = amountsOf({ inputTokens: 60, outputTokens: 40, toolCalls: 0, ...NONE });

const aCall = (more: Partial<Call> = {}): Call => ({
  modelGroup: 'premium',
  demand,
  scopes: { customer: 'acme', workspace: '', user: 'u-1', role: '' },
  ...more,
});

/** Leases that hold `inHand` of every counter but those said, and entitlement's word on some. */
class Purse implements Spender<readonly Met[]> {
  readonly taken: (readonly Met[])[] = [];
  constructor(
    private readonly words: ReadonlyMap<Limit, ObstacleReason>,
    private readonly short: readonly Limit[] = [],
  ) {}

  take(met: readonly Met[]): readonly Met[] | null {
    if (met.some(({ limit }) => this.short.includes(limit) || this.words.has(limit))) return null;
    this.taken.push(met);
    return met;
  }

  refusal({ limit }: Met): { reason: ObstacleReason; retryAt: number } | null {
    const reason = this.words.get(limit);
    return reason === undefined ? null : { reason, retryAt: 1_000 };
  }
}

const decideBy = <H>(limits: Limit[], call: Call, spender: Spender<H>) => {
  const metIn = (group: string) => limitsMet(limits, call, group, counterName);
  return decide(call.modelGroup, metIn, spender);
};

const decided = (limits: Limit[], words: [Limit, ObstacleReason][], call = aCall()) => {
  const purse = new Purse(new Map(words));
  return { purse, decision: decideBy(limits, call, purse) };
};

describe('what a call meets', () => {
  const whole = aLimit({ modelGroup: '*', unit: 'tokens' });
  const own = aLimit({ unit: 'calls' });
  const other = aLimit({ modelGroup: 'standard' });
  const byUser = aLimit({ scope: 'user' });
  const byWorkspace = aLimit({ scope: 'workspace' });

  it('is each limit of its group and of every group, in scopes that the call names', () => {
    const { purse } = decided([whole, own, other, byUser, byWorkspace], []);
    const names = [
      counterName(whole, 'acme'),
      counterName(own, 'acme'),
      counterName(byUser, 'u-1'),
    ];
    expect(purse.taken.map((met) => met.map(({ counter }) => counter))).toEqual([names]);
    expect(purse.taken[0]?.map(({ need }) => need)).toEqual([100, 1, 1]);
  });

  it('needs no lease of limits that allow, and none of a unit it does not use', () => {
    const { purse } = decided([aLimit({ onLimit: 'allow' }), aLimit({ unit: 'images' })], []);
    expect(purse.taken).toEqual([[]]);
  });

  it('is unlimited in a group without a limit', () => {
    expect(decided([other], []).decision).toMatchObject({ kind: 'serve', met: [], passed: [] });
  });

  it('tells the counters of two users apart, and of two limits', () => {
    const limits = [byUser, own, whole];
    const names = limits.flatMap((limit) => ['a', 'b'].map((value) => counterName(limit, value)));
    expect(new Set(names).size).toBe(6);
  });
});

describe('at a limit', () => {
  it.each([
    ['block', 'used-up', 'block', 'used-up'],
    ['block', 'held', 'throttle', 'held'],
    ['block', 'per-request', 'block', 'per-request'],
    ['block', 'disabled', 'block', 'disabled'],
    ['throttle', 'used-up', 'throttle', 'rate'],
    ['throttle', 'held', 'throttle', 'held'],
    ['throttle', 'per-request', 'block', 'per-request'],
    ['throttle', 'disabled', 'block', 'disabled'],
  ] as const)('%s that is %s answers %s, %s', (onLimit, reason, outcome, told) => {
    const limit = aLimit({ onLimit });
    const { decision } = decided([limit], [[limit, reason]]);
    expect(decision).toMatchObject({ kind: 'refuse', by: { limit, reason, retryAt: 1_000 } });
    expect(effectOf({ limit, reason })).toEqual({ outcome, reason: told });
  });

  it.each(['used-up', 'held', 'disabled'] as const)('restrict that is %s reroutes', (reason) => {
    const limit = aLimit({ onLimit: 'restrict', restrictTo: 'standard' });
    const { decision } = decided([limit], [[limit, reason]]);
    const passed = [{ limit, scopeValue: 'acme', reason, retryAt: 1_000 }];
    expect(decision).toMatchObject({ kind: 'serve', modelGroup: 'standard', passed });
  });

  it('reroutes along a chain, and takes from the last group alone', () => {
    const first = aLimit({ modelGroup: 'reasoning', onLimit: 'restrict', restrictTo: 'premium' });
    const second = aLimit({ onLimit: 'restrict', restrictTo: 'standard' });
    const last = aLimit({ modelGroup: 'standard' });
    const words: [Limit, ObstacleReason][] = [first, second].map((limit) => [limit, 'used-up']);
    const call = aCall({ modelGroup: 'reasoning' });
    const { decision, purse } = decided([first, second, last], words, call);
    expect(decision).toMatchObject({ kind: 'serve', modelGroup: 'standard' });
    expect(purse.taken.map((met) => met.map(({ limit }) => limit))).toEqual([[last]]);
  });

  it('blocks where the last group of the chain is used up too, by that group', () => {
    const first = aLimit({ onLimit: 'restrict', restrictTo: 'standard' });
    const last = aLimit({ modelGroup: 'standard' });
    const { decision } = decided(
      [first, last],
      [
        [first, 'used-up'],
        [last, 'used-up'],
      ],
    );
    expect(decision).toMatchObject({ kind: 'refuse', modelGroup: 'standard', by: { limit: last } });
    expect(decision).toMatchObject({ passed: [{ limit: first }] });
  });

  it('refuses a call larger than one request may be, without a word of entitlement', () => {
    const limit = aLimit({ window: 'request', unit: 'tokens', amount: 99 });
    const { decision } = decided([limit], []);
    expect(decision).toMatchObject({
      kind: 'refuse',
      by: { reason: 'per-request', retryAt: null },
    });
    expect(decided([{ ...limit, amount: 100 }], []).decision.kind).toBe('serve');
  });

  it('takes nothing of a limit that is 0, and needs no word for it', () => {
    const off = aLimit({ amount: 0 });
    const { decision, purse } = decided([aLimit({ unit: 'tokens' }), off], []);
    const by = { limit: off, scopeValue: 'acme', reason: 'disabled', retryAt: null };
    expect(decision).toMatchObject({ kind: 'refuse', by });
    expect(purse.taken).toEqual([]);
    const drips = { kind: 'drip', amount: 1, everyMs: 1_000, cap: 5 } as const;
    const both = aLimit({ amount: 0, replenishment: drips });
    expect(decided([both], []).decision).toMatchObject({ by: { reason: 'disabled' } });
  });

  it('is switched off by an amount of 0 also for a call that uses none of its unit', () => {
    const off = aLimit({ unit: 'images', amount: 0 });
    expect(decided([off], []).decision).toMatchObject({ kind: 'refuse', by: { limit: off } });
    const uncounted = aLimit({ unit: 'images', amount: 0, onLimit: 'allow' });
    expect(decided([uncounted], []).decision.kind).toBe('serve');
  });

  it('serves from leases in hand, whatever was refused before', () => {
    const spender: Spender<string> = {
      take: () => 'taken',
      refusal: () => ({ reason: 'used-up', retryAt: 1 }),
    };
    expect(decideBy([aLimit()], aCall(), spender)).toMatchObject({
      kind: 'serve',
      hold: 'taken',
    });
  });

  it('is strictest first: what blocks is not rerouted around', () => {
    const restrict = aLimit({ onLimit: 'restrict', restrictTo: 'standard' });
    const throttle = aLimit({ onLimit: 'throttle', window: 'minute' });
    const block = aLimit({ unit: 'tokens' });
    const all: Limit[] = [restrict, throttle, block];
    const by = (...used: Limit[]) => {
      const { decision } = decided(
        all,
        used.map((limit) => [limit, 'used-up']),
      );
      return decision.kind === 'refuse' ? decision.by.limit : decision.kind;
    };
    expect(by(restrict, throttle, block)).toBe(block);
    expect(by(restrict, throttle)).toBe(throttle);
    expect(by(restrict)).toBe('serve');
  });

  it('names the one that lets go last among equals', () => {
    const [month, day] = [aLimit(), aLimit({ window: 'day' })];
    const spender: Spender<unknown> = {
      take: () => null,
      refusal: ({ limit }) => ({ reason: 'used-up', retryAt: limit === month ? 9 : 5 }),
    };
    expect(decideBy([day, month], aCall(), spender)).toMatchObject({
      by: { limit: month },
    });
  });
});

describe('without a word of entitlement', () => {
  it('nothing is used up: the call is asked for, at the group that lacks a lease', () => {
    const limit = aLimit({ onLimit: 'restrict', restrictTo: 'standard' });
    const last = aLimit({ modelGroup: 'standard' });
    const ask = (words: [Limit, ObstacleReason][], short: Limit[]) =>
      decideBy([limit, last], aCall(), new Purse(new Map(words), short));
    expect(ask([], [limit])).toMatchObject({ kind: 'ask', modelGroup: 'premium' });
    expect(ask([[limit, 'used-up']], [last])).toMatchObject({
      kind: 'ask',
      modelGroup: 'standard',
    });
  });
});

describe('any tier that may be saved', () => {
  const groups = ['standard', 'premium', 'reasoning'];
  const limit = fc
    .record({
      modelGroup: fc.constantFrom(...groups),
      window: fc.constantFrom('minute', 'day', 'month'),
      onLimit: fc.constantFrom('block', 'throttle', 'restrict', 'allow'),
      to: fc.constantFrom(...groups),
    })
    .map(({ to, ...rest }) =>
      aLimit({ ...rest, restrictTo: rest.onLimit === 'restrict' ? to : null } as Partial<Limit>),
    );
  const reasons = fc.constantFrom<ObstacleReason>('used-up', 'held', 'per-request', 'disabled');

  it('serves only from a group that nothing stands in the way of, once through each', () => {
    fc.assert(
      fc.property(
        fc.array(limit, { maxLength: 8 }).filter((limits) => tierFaults(limits).length === 0),
        fc.array(fc.option(reasons), { minLength: 8, maxLength: 8 }),
        fc.constantFrom(...groups),
        (limits, words, modelGroup) => {
          const said = new Map<Limit, ObstacleReason>();
          limits.forEach((one, i) => words[i] && said.set(one, words[i]));
          const { decision } = decided(limits, [...said], aCall({ modelGroup }));
          if (decision.kind === 'ask') throw new Error('nothing is short');
          const stands = decision.met.filter(
            ({ limit: one }) => said.has(one) && one.onLimit !== 'allow',
          );
          expect(stands.length > 0).toBe(decision.kind === 'refuse');
          const left = decision.passed.map((obstacle) => obstacle.limit.modelGroup);
          expect(new Set([...left, decision.modelGroup]).size).toBe(left.length + 1);
        },
      ),
    );
  });
});
