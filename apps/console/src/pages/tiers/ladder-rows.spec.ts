import type { TierLimit } from '@tallyward/contracts';
import type { ListedVersion } from '../../api/tiers';
import { ladderOf, share, speaking } from './ladder-rows';

const limit = (modelGroup: string, amount: number, over: Partial<TierLimit> = {}): TierLimit => ({
  scope: 'customer',
  modelGroup,
  unit: 'tokens',
  window: 'month',
  amount,
  onLimit: 'block',
  restrictTo: null,
  replenishment: { kind: 'reset' },
  message: null,
  ...over,
});

const version = (
  name: string,
  number: number,
  customers: number,
  limits: TierLimit[],
): ListedVersion => ({
  name,
  version: number,
  customers,
  limits,
  state: 'draft',
  createdAt: '2026-11-01T00:00:00Z',
  frozenAt: null,
});

describe('the ladder of limits', () => {
  it('shows each tier by the version that most customers have, else by its newest', () => {
    const used = [version('Pro', 1, 5, []), version('Pro', 2, 0, [])];
    expect(speaking(used)[0]?.version).toBe(1);
    const unused = [version('Pro', 2, 0, []), version('Pro', 1, 0, [])];
    expect(speaking(unused)[0]?.version).toBe(2);
  });

  it('puts tiers from the least to the most, whatever their names', () => {
    const small = version('Z', 1, 1, [limit('standard', 10)]);
    const large = version('A', 1, 1, [limit('standard', 10_000)]);
    expect(speaking([large, small]).map(({ name }) => name)).toEqual(['Z', 'A']);
  });

  it('has a rung for each limit of the unit, empty where a tier has none, and says what is off', () => {
    const plain = version('Plain', 1, 1, [limit('standard', 10)]);
    const more = version('More', 1, 1, [
      limit('standard', 99),
      limit('premium', 7),
      limit('reasoning', 0, { unit: 'calls' }),
      limit('reasoning', 5),
    ]);
    const { rungs, most } = ladderOf([plain, more], 'tokens');
    expect(most).toBe(99);
    expect(rungs.map(({ cells }) => cells.map((cell) => cell?.amount ?? null))).toEqual([
      [10, 99],
      [null, 7],
      [null, 5],
    ]);
    expect(rungs.map(({ off }) => off)).toEqual([
      [false, false],
      [false, false],
      [false, true],
    ]);
  });

  it('makes a bar as much longer for each tenfold', () => {
    expect(share(0, 999)).toBe(0);
    expect(share(9, 999)).toBeCloseTo(1 / 3);
    expect(share(999, 999)).toBe(1);
  });
});
