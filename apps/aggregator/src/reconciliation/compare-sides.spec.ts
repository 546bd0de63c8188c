import { UNITS, zeroAmounts, type Unit } from '@tallyward/domain';
import type { Proven } from '../close-periods/prove-periods';
import type { Told } from '../storage/postgres/billing/reconciled-periods';
import { comparedPeriod } from './compare-sides';

const UP_TO = 100n;

const side = (change: Partial<Record<Unit, number>> = {}, proof = 5n) => ({
  amounts: { ...zeroAmounts(), calls: 3, tokens: 40, ...change },
  proof,
});

function proven(given: Partial<Pick<Proven, 'totals' | 'warehouse'>> = {}): Proven {
  const period = {
    ...{ project: 'demo', customer: 'acme', partition: 4, timeZone: 'UTC' },
    period: { from: 0, to: 3_600_000 },
  };
  const log = { ...side(), last: 9n };
  return { period, log, totals: side(), warehouse: side(), ...given } as unknown as Proven;
}

function told(given: Partial<Told> = {}, closed: object = {}): Told {
  const lines = { ...side(), events: 3, revision: 1, asOf: 10n, ...closed };
  return { closed: lines, held: null, last: 9n, marked: false, ...given };
}

describe('the four sides of a period', () => {
  it('are equal where all say the same', () => {
    const { drift, ...found } = comparedPeriod(proven(), told(), UP_TO);
    expect(found).toMatchObject({ state: 'closed', equal: true, unbilled: false, revision: 1 });
    expect(found.billed).toEqual(found.log);
    expect(new Set(Object.values(drift))).toEqual(new Set([0]));
  });

  it.each(UNITS)('are not where one has one %s less or more', (unit) => {
    const fewer = side({ [unit]: side().amounts[unit] + 1 });
    const other = side({ [unit]: side().amounts[unit] + 2 });
    const found = comparedPeriod(proven({ totals: fewer, warehouse: other }), told(), UP_TO);
    expect([found.equal, found.drift[unit]]).toEqual([false, 2]);
  });

  it.each(UNITS)('are not where the deltas of %s come to something else', (unit) => {
    const { amounts } = side({ [unit]: side().amounts[unit] + 4 });
    const found = comparedPeriod(proven(), told({}, { amounts }), UP_TO);
    expect([found.equal, found.drift[unit]]).toEqual([false, 4]);
  });

  it('are not where other events were billed than the log has', () => {
    expect(comparedPeriod(proven(), told({}, { proof: 6n }), UP_TO).equal).toBe(false);
    expect(comparedPeriod(proven(), told({}, { events: 2 }), UP_TO).equal).toBe(false);
  });

  const LESS = { amounts: zeroAmounts() };
  it.each([
    ['usage came after the close and its customer is marked', { marked: true }, { asOf: 9n }],
    ['a revision is held back', { held: { reason: 'differs', differences: [] } }, {}],
    ['more came since the log was asked', { last: 12n }, {}],
  ])('are compared without what was billed where %s', (_why, given, closed) => {
    const found = comparedPeriod(proven(), told(given, { ...LESS, ...closed }), UP_TO);
    expect([found.equal, found.unbilled, found.drift.calls]).toEqual([true, true, 0]);
  });

  it('are not equal where usage came after the close and nobody will tell of it', () => {
    const found = comparedPeriod(proven(), told({}, { ...LESS, asOf: 9n }), UP_TO);
    expect([found.equal, found.unbilled]).toEqual([false, false]);
  });
});
