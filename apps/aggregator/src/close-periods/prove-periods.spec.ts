import { UNITS, zeroAmounts, type Unit } from '@tallyward/domain';
import { agree, type Proven } from './prove-periods';

const side = (change: Partial<Record<Unit, number>> = {}, proof = 5n) => ({
  amounts: { ...zeroAmounts(), calls: 3, tokens: 40, ...change },
  proof,
});

function proven(totals: object, warehouse: object): Proven {
  return { log: { ...side(), last: 9n }, totals, warehouse } as unknown as Proven;
}

describe('a period is proven', () => {
  it('where log, totals and warehouse say the same', () => {
    expect(agree(proven(side(), side()))).toBe(true);
  });

  it.each(UNITS)('not where one side has one more of %s', (unit) => {
    const more = side({ [unit]: side().amounts[unit] + 1 });
    expect(agree(proven(more, side()))).toBe(false);
    expect(agree(proven(side(), more))).toBe(false);
  });

  it('not where the sums agree and the events are others', () => {
    expect(agree(proven(side({}, 6n), side()))).toBe(false);
    expect(agree(proven(side(), side({}, 6n)))).toBe(false);
  });
});
