import type { UsageRow } from '../api/usage';
import { usageLayers } from './usage-layers';

const row = (from: string, model: string, tokens: number): UsageRow =>
  ({ from, to: from, model, tokens, calls: 1 }) as unknown as UsageRow;
const [NINE, TEN] = ['2026-11-21T09:00:00Z', '2026-11-21T10:00:00Z'];
const TOKENS = { by: 'model', unit: 'tokens' } as const;

describe('layers of usage', () => {
  it('are one a value and one row a window, with zeros where nothing was', () => {
    const { sum, most, series, rows } = usageLayers(
      [row(NINE, 'o3', 5), row(NINE, 'gpt-4o', 7), row(TEN, 'o3', 1)],
      TOKENS,
    );
    expect([sum, most, series.map(({ label }) => label)]).toEqual([13, 'gpt-4o', ['gpt-4o', 'o3']]);
    expect(rows).toEqual([
      { x: Date.parse(NINE), layer0: 7, layer1: 5 },
      { x: Date.parse(TEN), layer0: 0, layer1: 1 },
    ]);
  });

  it('keep every unit: what has no layer of its own is in the last', () => {
    const report = Array.from({ length: 12 }, (_, n) => row(NINE, `model-${n}`, n + 1));
    const { series, rows } = usageLayers(report, TOKENS);
    expect([series.length, series.at(-1)?.label]).toEqual([8, 'all others']);
    const drawn = series.map(({ key }) => Number(rows[0]?.[key]));
    expect(drawn.reduce((sum, one) => sum + one, 0)).toBe(78);
  });

  it('call what has no value by a word, and keep a known order', () => {
    const report = [row(NINE, '', 9), row(NINE, 'b', 1), row(NINE, 'a', 1)];
    const { series } = usageLayers(report, { ...TOKENS, none: 'none', first: ['b'] });
    expect(series.map(({ label }) => label)).toEqual(['b', 'a', 'none']);
  });

  it('are none where nothing was used', () => {
    expect(usageLayers([row(NINE, '', 0)], TOKENS)).toMatchObject({ sum: 0, most: '', series: [] });
  });
});
