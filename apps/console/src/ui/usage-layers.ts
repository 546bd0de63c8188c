import type { UsageRow } from '../api/usage';
import type { ChartRow, ChartSeries } from './chart/chart';
import { SERIES_COLOURS } from './colours';

/** Values drawn by themselves, the largest; what is left is one more layer. */
const MOST_LAYERS = 7;
const REST = 'all others';

export interface UsageLayers {
  /** Of all rows. */
  readonly sum: number;
  /** The value that used most; empty where nothing was used. */
  readonly most: string;
  readonly series: readonly ChartSeries[];
  /** One a window. */
  readonly rows: readonly ChartRow[];
}

interface Wanted {
  /** What the report is grouped by. */
  readonly by: string;
  readonly unit: 'calls' | 'tokens';
  /** Values that come first, so that they keep their colours while others overtake them. */
  readonly first?: readonly string[];
  /** How an empty value is called. */
  readonly none?: string;
}

/** A report that is grouped → bars that stand upon each other, one a value. */
export function usageLayers(
  report: readonly UsageRow[],
  { by, unit, first = [], none = '' }: Wanted,
): UsageLayers {
  const valueOf = (row: UsageRow): string => String(row[by] ?? '') || none;
  const sums = new Map<string, number>();
  for (const row of report) sums.set(valueOf(row), (sums.get(valueOf(row)) ?? 0) + row[unit]);
  const ranked = [...sums].filter(([, sum]) => sum > 0).sort((one, other) => other[1] - one[1]);
  const named = inOrder(
    ranked.slice(0, MOST_LAYERS).map(([value]) => value),
    first,
  );
  const labels = ranked.length > MOST_LAYERS ? [...named, REST] : named;
  return {
    sum: ranked.reduce((sum, [, one]) => sum + one, 0),
    most: ranked[0]?.[0] ?? '',
    series: labels.map((label, at) => ({
      ...{ key: keyOf(at), label, kind: 'bar', stack: 'all' },
      colour: SERIES_COLOURS[at] ?? 'var(--tw-series-8)',
    })),
    rows: charted(report, unit, valueOf, labels),
  };
}

/** A value's own name could look like a path into the row. */
const keyOf = (layer: number): string => `layer${layer}`;

function inOrder(values: readonly string[], first: readonly string[]): string[] {
  const place = (value: string): number => {
    const at = first.indexOf(value);
    return at < 0 ? first.length : at;
  };
  return values.toSorted((one, other) => place(one) - place(other) || (one < other ? -1 : 1));
}

/** One row of the report for each window and value → one row of the chart for each window. */
function charted(
  report: readonly UsageRow[],
  unit: 'calls' | 'tokens',
  valueOf: (row: UsageRow) => string,
  labels: readonly string[],
): ChartRow[] {
  const empty = Object.fromEntries(labels.map((_, at) => [keyOf(at), 0]));
  const steps = new Map<string, Record<string, number> & { x: number }>();
  for (const row of report) {
    const step = steps.get(row.from) ?? { ...empty, x: Date.parse(row.from) };
    const named = labels.indexOf(valueOf(row));
    const layer = keyOf(named < 0 ? labels.length - 1 : named);
    if (labels.length > 0) step[layer] = (step[layer] ?? 0) + row[unit];
    steps.set(row.from, step);
  }
  return [...steps.values()];
}
