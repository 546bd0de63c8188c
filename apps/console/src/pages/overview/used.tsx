import { SegmentedControl } from '@mantine/core';
import type { ReactNode } from 'react';
import { STARTING_GROUPS } from '../../api/project';
import type { UsageRow } from '../../api/usage';
import { Chart } from '../../ui/chart/chart';
import { counted } from '../../ui/figures';
import { Empty } from '../../ui/states/empty';
import { useTimeAxis } from '../../ui/time-axis';
import { usageLayers } from '../../ui/usage-layers';

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

/** What all customers used, by model group. */
export function Used({ rows, words, unit, stepMs, next, choose, actions }: UsedProps) {
  const axis = useTimeAxis(stepMs);
  const layers = usageLayers(rows, { by: 'modelGroup', unit, first: STARTING_GROUPS });
  if (layers.sum === 0) {
    return <Empty title={`Nothing was used ${words}`} next={next} />;
  }
  const used = counted(layers.sum, unit.slice(0, -1));
  return (
    <Chart
      title="Usage by model group"
      summary={`${used} ${words}, the most of ${layers.most} models.`}
      rows={layers.rows}
      series={layers.series}
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
