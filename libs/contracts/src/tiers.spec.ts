import { tierFaults } from '@tallyward/domain';
import { limitOf } from './limit-of';
import { DEFAULT_TIER_LIMITS, tierLimit } from './tiers';

const limit = (more: object): object => ({
  scope: 'customer',
  modelGroup: 'premium',
  unit: 'tokens',
  window: 'month',
  amount: 100,
  onLimit: 'block',
  ...more,
});

describe('a limit of a tier', () => {
  it('is taken as the contract writes it, and plain where something is left out', () => {
    expect(tierLimit.parse(limit({}))).toEqual({
      ...limit({}),
      restrictTo: null,
      replenishment: { kind: 'reset' },
      message: null,
    });
  });

  it('is in ms for the rules', () => {
    const read = tierLimit.parse(
      limit({
        window: { firstUse: 'P1DT5H' },
        replenishment: { kind: 'drip', amount: 100, every: 'PT1H', cap: 1_000 },
      }),
    );
    expect(limitOf(read)).toMatchObject({
      window: { firstUseMs: 29 * 3_600_000 },
      replenishment: { kind: 'drip', amount: 100, everyMs: 3_600_000, cap: 1_000 },
    });
  });

  it.each([
    { scope: 'team' },
    { unit: 'credits' },
    { window: 'year' },
    { window: { firstUse: 'PT5S' } },
    { window: { firstUse: '5 hours' } },
    { window: { firstUse: 'P367D' } },
    { amount: -1 },
    { amount: 1.5 },
    { amount: 2 ** 53 },
    { replenishment: { kind: 'drip', amount: 1, every: 'P', cap: 1 } },
    { replenishment: { kind: 'drip', amount: 0, every: 'PT1H', cap: 1 } },
    { replenishment: { kind: 'rollover', cap: 5, windows: 0 } },
    { message: 'x'.repeat(513) },
    { extra: 1 },
  ])('is refused with %j', (more) => {
    expect(tierLimit.safeParse(limit(more)).success).toBe(false);
  });

  it('of new projects contradict nothing', () => {
    expect(tierFaults(DEFAULT_TIER_LIMITS.map(limitOf))).toEqual([]);
  });
});
