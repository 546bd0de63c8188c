import type { Call } from '../decisions/decide';
import { demandOf } from '../tiers/demand';
import { aLimit } from '../tiers/limit.builder';
import type { Limit } from '../tiers/limit';
import { amountsOf } from '../units';
import { isAboveHold } from './settlement';

const tokens = (input: number, output: number, images = 0) =>
  amountsOf({
    inputTokens: input,
    outputTokens: output,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    reasoningTokens: 0,
    images,
    toolCalls: 0,
  });
const aCall = (more: Partial<Call> = {}): Call => ({
  modelGroup: 'premium',
  demand: tokens(1_200, 800),
  scopes: { customer: 'acme', workspace: '', user: 'u-1', role: '' },
  ...more,
});
const above = (limits: Limit[] | null, used: Partial<Call>): boolean =>
  isAboveHold(limits, aCall(), aCall(used));

describe('a settlement is above its hold', () => {
  const total = aLimit({ unit: 'tokens' });
  const output = aLimit({ unit: 'outputTokens' });

  it.each([
    ['less', tokens(1_000, 700), false],
    ['as much', tokens(1_200, 800), false],
    ['one more', tokens(1_200, 801), true],
    ['more of one kind, less of the other', tokens(1_100, 900), false],
  ])('where the limit that it holds counts more: %s', (_what, demand, is) => {
    expect(above([total], { demand })).toBe(is);
  });

  it('where any of its limits does', () => {
    expect(above([total, output], { demand: tokens(1_100, 900) })).toBe(true);
  });

  it('where it used what it did not hold: another group, user or unit that is limited', () => {
    const demand = tokens(1, 1);
    const standard = aLimit({ modelGroup: 'standard' });
    expect(above([total, standard], { modelGroup: 'standard', demand })).toBe(true);
    expect(above([total], { modelGroup: 'standard', demand })).toBe(false);
    const everywhere = aLimit({ modelGroup: '*', unit: 'tokens' });
    expect(above([everywhere], { modelGroup: 'standard', demand })).toBe(false);
    const byUser = aLimit({ scope: 'user' });
    const scopes = { customer: 'acme', workspace: '', user: 'u-2', role: '' };
    expect(above([byUser], { demand })).toBe(false);
    expect(above([byUser], { scopes, demand })).toBe(true);
    expect(above([aLimit({ unit: 'images' })], { demand: tokens(1, 1, 1) })).toBe(true);
  });

  it('never for limits that nothing is held of: those that allow, or look at one request', () => {
    const limits = [aLimit({ unit: 'tokens', onLimit: 'allow' }), aLimit({ window: 'request' })];
    expect(above(limits, { demand: tokens(9_999, 9_999) })).toBe(false);
    expect(above([], { demand: tokens(9_999, 9_999) })).toBe(false);
  });

  it('by all but the one token that a call of unknown size held', () => {
    const none = { inputTokens: 0, maxOutputTokens: 0, images: 0, toolCalls: 0 };
    const unknown = aCall({ demand: demandOf(none) });
    const is = (demand: Call['demand']) => isAboveHold([total, output], unknown, aCall({ demand }));
    expect(is(tokens(1, 0))).toBe(false);
    expect(is(tokens(1_000, 0))).toBe(true);
  });

  it('by its units, where the tier is not known here', () => {
    expect(above(null, { demand: tokens(1_200, 800) })).toBe(false);
    expect(above(null, { demand: tokens(1_201, 0) })).toBe(true);
  });
});
