import { zeroAmounts } from '@tallyward/domain';
import type { UsageRow } from '../../api/usage';
import { lineOf, sumsOf, weekOf, weekWords } from './week';

const at = (text: string): number => Date.parse(text);

describe("a customer's week", () => {
  it('is today and the six days before, also where clocks change among them', () => {
    const noon = at('2026-10-28T12:00:00Z');
    expect(weekOf(noon, 'UTC')).toMatchObject({
      from: '2026-10-22T00:00:00.000Z',
      to: '2026-10-29T00:00:00.000Z',
      window: 'day',
    });
    expect(weekOf(noon, 'Europe/Rome')).toMatchObject({
      from: '2026-10-21T22:00:00.000Z',
      to: '2026-10-28T23:00:00.000Z',
    });
    const spring = weekOf(at('2026-03-29T21:59:00Z'), 'Europe/Rome');
    expect([spring.from, spring.to]).toEqual([
      '2026-03-22T23:00:00.000Z',
      '2026-03-29T22:00:00.000Z',
    ]);
  });

  it('is the same at any minute of a day', () => {
    const [early, late] = ['2026-11-23T00:00:00Z', '2026-11-23T23:59:59Z'].map((text) =>
      weekOf(at(text), 'UTC'),
    );
    expect(early).toEqual(late);
  });

  it('has the own days alone, zeros without any, and is told in words', () => {
    const row = (customer: string, tokens: number): UsageRow => {
      return { ...zeroAmounts(), tokens, customer, from: '', to: '' };
    };
    const rows = [row('acme', 1_000), row('other', 7), row('acme', 20)];
    expect(sumsOf(rows, 'acme', 'tokens')).toEqual([1_000, 20]);
    expect(sumsOf(rows, 'nobody', 'tokens')).toEqual([0, 0, 0, 0, 0, 0, 0]);
    const week = weekOf(at('2026-11-23T10:00:00Z'), 'UTC');
    expect(weekWords([1_000, 20], 'tokens', week)).toBe(
      'tokens a day since 17 Nov: 1,000, 20 so far today',
    );
    expect(weekWords([0, 0], 'calls', week)).toBe('No calls a day since 17 Nov');
  });

  it('is drawn from the left to the right, its largest day at the top', () => {
    expect(lineOf([0, 5, 10])).toBe('2,22 48,12 94,2');
    expect(lineOf([0, 0])).toBe('2,22 94,22');
  });
});
