import { SegmentedControl } from '@mantine/core';
import type { ReactNode } from 'react';
import { groupsOf } from '../../api/project';
import type { UsageRow } from '../../api/usage';
import { Chart, type ChartRow } from '../../ui/chart/chart';
import { SERIES_COLOURS } from '../../ui/colours';
import { counted } from '../../ui/figures';
import { Empty } from '../../ui/states/empty';
import { useTimeAxis } from '../../ui/time-axis';

interface UsedProps {
  readonly rows: readonly UsageRow[];
  readonly words: string;
  readonly unit: 'calls' | 'tokens';
  readonly stepMs: number;
  /** What to do so that something stands here. */
  readonly next: string;
  readonly choose: (unit: string) => void;
  /** Beside the switch of units. */
  readonly actions?: ReactNode;
}

/** Groups drawn by themselves, the largest; what is left is one more layer. */
const MOST_LAYERS = 7;
const REST = 'all others';

/** What all customers used, by model group. */
export function Used({ rows, words, unit, stepMs, next, choose, actions }: UsedProps) {
  const axis = useTimeAxis(stepMs);
  const sums = sumsByGroup(rows, unit);
  const all = [...sums.values()].reduce((sum, one) => sum + one, 0);
  if (all === 0) {
    return <Empty title={`Nothing was used ${words}`} next={next} />;
  }
  const ranked = [...sums].filter(([, sum]) => sum > 0).sort((one, other) => other[1] - one[1]);
  const named = inOrder(ranked.slice(0, MOST_LAYERS).map(([group]) => group));
  const layers = ranked.length > MOST_LAYERS ? [...named, REST] : named;
  const most = ranked[0]?.[0] ?? '';
  const summary = `${counted(all, unit.slice(0, -1))} ${words}, most of them of ${most} models.`;
  return (
    <Chart
      title="Usage by model group"
      summary={summary}
      rows={charted(rows, unit, layers)}
      series={layers.map((group, at) => ({
        key: keyOf(at),
        label: group,
        colour: SERIES_COLOURS[at] ?? 'var(--tw-series-8)',
        kind: 'bar' as const,
        stack: 'all',
      }))}
      unit={unit}
      {...axis}
      actions={
        <>
          {actions}
          <SegmentedControl
            size="xs"
            aria-label="Unit"
            value={unit}
            onChange={choose}
            data={[
              { value: 'tokens', label: 'Tokens' },
              { value: 'calls', label: 'Calls' },
            ]}
          />
        </>
      }
    />
  );
}

/** Always the same, so that a group keeps its colour while another one overtakes it. */
function inOrder(groups: readonly string[]): string[] {
  const known = groupsOf([]);
  const place = (group: string): number => {
    const at = known.indexOf(group);
    return at < 0 ? known.length : at;
  };
  return groups.toSorted((one, other) => place(one) - place(other) || (one < other ? -1 : 1));
}

const groupOf = (row: UsageRow): string => String(row['modelGroup'] ?? '');

function sumsByGroup(rows: readonly UsageRow[], unit: 'calls' | 'tokens'): Map<string, number> {
  const sums = new Map<string, number>();
  for (const row of rows) sums.set(groupOf(row), (sums.get(groupOf(row)) ?? 0) + row[unit]);
  return sums;
}

/** A group's own name could look like a path into the row. */
const keyOf = (layer: number): string => `layer${layer}`;

/** One row of the report for each window and group → one row of the chart for each window. */
function charted(
  rows: readonly UsageRow[],
  unit: 'calls' | 'tokens',
  layers: readonly string[],
): ChartRow[] {
  const none = Object.fromEntries(layers.map((_, at) => [keyOf(at), 0]));
  const steps = new Map<string, Record<string, number> & { x: number }>();
  for (const row of rows) {
    const step = steps.get(row.from) ?? { ...none, x: Date.parse(row.from) };
    const named = layers.indexOf(groupOf(row));
    const layer = keyOf(named < 0 ? layers.length - 1 : named);
    step[layer] = (step[layer] ?? 0) + row[unit];
    steps.set(row.from, step);
  }
  return [...steps.values()];
}
