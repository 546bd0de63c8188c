import fc from 'fast-check';
import { demandOf } from './demand';
import { type Limit, LIMIT_SCOPES } from './limit';
import { aLimit } from './limit.builder';
import { tierDiff } from './tier-diff';
import { UNITS } from '../units';
import { MOST_LIMITS_MET, tierFaults } from './tier-faults';

const codes = (...limits: Limit[]): string[] => tierFaults(limits).map(({ code }) => code);
const DRIP = { kind: 'drip', amount: 1, everyMs: 1_000, cap: 9 } as const;
/** A limit that begins with its cap. */
const dripping = (everyMs: number) => ({ amount: 9, replenishment: { ...DRIP, everyMs } });
const reroute = (modelGroup: string, restrictTo: string, more: Partial<Limit> = {}): Limit =>
  aLimit({ modelGroup, onLimit: 'restrict', restrictTo, ...more });

describe('a tier is refused when its limits contradict each other', () => {
  it('takes limits that differ in scope, group, unit or window', () => {
    expect(
      codes(
        aLimit(),
        aLimit({ scope: 'user' }),
        aLimit({ modelGroup: '*' }),
        aLimit({ unit: 'tokens' }),
        aLimit({ window: 'day' }),
        aLimit({ window: { firstUseMs: 18_000_000 } }),
        aLimit({ window: { firstUseMs: 36_000_000 } }),
      ),
    ).toEqual([]);
  });

  it('names the limit that a call’s hold has no room for, and says how many it has', () => {
    const all = (more: Partial<Limit>): Limit[] =>
      LIMIT_SCOPES.flatMap((scope) => UNITS.map((unit) => aLimit({ scope, unit, ...more })));
    const some = [...all({}), ...all({ modelGroup: '*' })].slice(0, MOST_LIMITS_MET);
    expect(tierFaults(some)).toEqual([]);
    const uncounted = { onLimit: 'allow', window: 'day' } as const;
    const others = all({ modelGroup: 'standard' }).slice(0, 36);
    expect(tierFaults([...some, ...others, ...all(uncounted)])).toEqual([]);
    expect(tierFaults([...some, aLimit({ window: 'day' }), aLimit({ window: 'week' })])).toEqual([
      {
        index: MOST_LIMITS_MET,
        code: 'too-many-meet',
        detail: expect.stringMatching(/"premium" meets 42 limits .* room for 40: leave out 2/),
      },
    ]);
  });

  it('names the limit that counts the same thing twice', () => {
    expect(tierFaults([aLimit(), aLimit({ amount: 5 })])).toMatchObject([
      { index: 1, code: 'limit-twice', detail: expect.stringContaining('Limit 0') },
    ]);
  });

  it.each<[string, Limit]>([
    ['restrict-to-missing', aLimit({ onLimit: 'restrict' })],
    ['restrict-to-unused', aLimit({ restrictTo: 'standard' })],
    ['restrict-to-itself', reroute('premium', 'premium')],
    ['restrict-every-group', reroute('*', 'standard')],
    ['request-throttle', aLimit({ window: 'request', onLimit: 'throttle' })],
    [
      'request-replenishment',
      aLimit({ window: 'request', replenishment: { kind: 'rollover', cap: 1, windows: 1 } }),
    ],
    [
      'lifetime-replenishment',
      aLimit({ window: 'lifetime', replenishment: { kind: 'rollover', cap: 1, windows: 1 } }),
    ],
    ['drip-never-fits', aLimit({ amount: 9, replenishment: { ...DRIP, amount: 10 } })],
    ['drip-amount', aLimit({ amount: 0, replenishment: DRIP })],
    ['drip-amount', aLimit({ amount: 5, replenishment: DRIP })],
    ['drip-never-falls', aLimit({ ...dripping(60_000), window: 'minute' })],
    ['drip-never-falls', aLimit({ ...dripping(86_400_000), window: 'day' })],
    ['drip-never-falls', aLimit({ ...dripping(90_000), window: { firstUseMs: 90_000 } })],
    ['lifetime-throttle', aLimit({ window: 'lifetime', onLimit: 'throttle' })],
  ])('says %s', (code, limit) => {
    expect(codes(limit)).toEqual([code]);
  });

  it('lets a limit drip that starts with its cap and whose first drip falls in its window', () => {
    const lasting = { window: 'lifetime', onLimit: 'throttle' } as const;
    expect(codes(aLimit({ ...dripping(59_000), window: 'minute' }))).toEqual([]);
    expect(codes(aLimit({ ...dripping(30 * 86_400_000) }))).toEqual([]);
    expect(codes(aLimit({ ...dripping(1_000), ...lasting }))).toEqual([]);
  });

  it('shows the circle that reroutes go in, and lets a chain pass', () => {
    const chain = [reroute('reasoning', 'super-premium'), reroute('super-premium', 'premium')];
    expect(codes(...chain)).toEqual([]);
    const faults = tierFaults([...chain, reroute('premium', 'reasoning'), reroute('a', 'premium')]);
    expect(faults.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(faults[0]?.detail).toContain('"reasoning" → "super-premium" → "premium" → "reasoning"');
  });

  it('finds a circle exactly where following reroutes comes back', () => {
    const group = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const unit = fc.constantFrom<Limit['unit']>('calls', 'tokens');
    const edges = fc.uniqueArray(fc.tuple(group, group, unit), {
      maxLength: 8,
      selector: ([from, , of]) => `${from}${of}`,
    });
    fc.assert(
      fc.property(edges, (all) => {
        const limits = all
          .filter(([from, to]) => from !== to)
          .map(([from, to, of]) => reroute(from, to, { unit: of }));
        const comesBack = (start: string): boolean => {
          let reached = new Set([start]);
          for (let n = 0; n < 5; n++) {
            const from = limits.filter(({ modelGroup }) => reached.has(modelGroup));
            reached = new Set(from.map(({ restrictTo }) => restrictTo as string));
            if (reached.has(start)) return true;
          }
          return false;
        };
        const circular = limits.some(({ modelGroup }) => comesBack(modelGroup));
        expect(tierFaults(limits).length > 0).toBe(circular);
      }),
    );
  });
});

describe('the difference of two tier versions', () => {
  it('tells added, removed and changed limits apart', () => {
    const [kept, gone, was] = [aLimit(), aLimit({ window: 'day' }), aLimit({ unit: 'tokens' })];
    const now = aLimit({ unit: 'tokens', amount: 7 });
    const fresh = aLimit({ scope: 'role' });
    expect(tierDiff([kept, gone, was], [fresh, now, { ...kept }])).toEqual({
      added: [fresh],
      removed: [gone],
      changed: [{ before: was, after: now }],
    });
  });
});

it('the demand of a call bounds whatever it can report', () => {
  const estimate = { inputTokens: 1_200, maxOutputTokens: 800, images: 2, toolCalls: 3 };
  expect(demandOf(estimate)).toEqual({
    calls: 1,
    tokens: 2_000,
    inputTokens: 1_200,
    outputTokens: 800,
    cacheReadTokens: 1_200,
    cacheWriteTokens: 1_200,
    reasoningTokens: 800,
    images: 2,
    toolCalls: 3,
  });
});

it('the demand of a call that names no tokens is one of each kind, and no image or tool', () => {
  const said = { inputTokens: 0, maxOutputTokens: 0, images: 0, toolCalls: 0 };
  const atLeast = { calls: 1, tokens: 1, inputTokens: 1, outputTokens: 1, reasoningTokens: 1 };
  expect(demandOf(said)).toMatchObject({ ...atLeast, images: 0, toolCalls: 0 });
  expect(demandOf({ ...said, inputTokens: 1_200 })).toMatchObject({
    tokens: 1_200,
    inputTokens: 1_200,
    outputTokens: 1,
  });
});
