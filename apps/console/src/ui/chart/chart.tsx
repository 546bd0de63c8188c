import { Button, Group, Paper, Text, Title } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import classes from './chart.module.css';
import { ChartPicture } from './chart-picture';
import { ChartTable } from './chart-table';

/** One step of a chart: an instant (epoch ms) or a name, and a number or nothing per series. */
export interface ChartRow {
  readonly x: number | string;
  readonly [series: string]: number | string | null;
}

export interface ChartSeries {
  readonly key: string;
  readonly label: string;
  readonly colour: string;
  readonly kind: 'bar' | 'line' | 'area' | 'dashed';
  /** Series of one stack stand upon each other. */
  readonly stack?: string;
}

export interface ChartProps {
  readonly title: string;
  /** The chart in a sentence or two, with its numbers: for who does not look, or can not. */
  readonly summary: string;
  readonly rows: readonly ChartRow[];
  readonly series: readonly ChartSeries[];
  /** What x is, as a heading: `Time (UTC)`. */
  readonly xLabel: string;
  readonly writeX: (x: number | string) => string;
  /** What is counted, after each full number. */
  readonly unit: string;
  /** A height that means something, such as a limit's amount. */
  readonly mark?: { readonly y: number; readonly label: string };
  readonly height?: number;
  readonly actions?: ReactNode;
  readonly onChoose?: (row: ChartRow) => void;
  /** Whether it is shown as a table, kept by who draws one chart after another in one place. */
  readonly table?: readonly [boolean, (isTable: boolean) => void];
}

/** A picture, the same in words, and the same as a table. Arrow keys go through its steps. */
export function Chart(props: ChartProps) {
  const own = useState(false);
  const { title, summary, series, actions, table: [isTable, setIsTable] = own } = props;
  return (
    <Paper withBorder p="md" component="figure" m={0} aria-label={title}>
      <Group justify="space-between" gap="xs" mb={4}>
        <Title order={2} size="h4">
          {title}
        </Title>
        <Group gap="xs">
          {actions}
          <Button
            size="compact-xs"
            variant="default"
            aria-pressed={isTable}
            onClick={() => setIsTable(!isTable)}
          >
            {isTable ? 'Show the picture' : 'Show as a table'}
          </Button>
        </Group>
      </Group>
      <Text size="sm" className="tw-quiet" mb="sm">
        {summary}
      </Text>
      {isTable ? <ChartTable {...props} /> : <ChartPicture {...props} />}
      {!isTable && series.length > 1 && (
        <Group gap="md" mt="xs">
          {series.map(({ key, label, colour }) => (
            <Text size="xs" key={key}>
              <span className={classes.legend} style={{ background: colour }} aria-hidden />
              {label}
            </Text>
          ))}
        </Group>
      )}
    </Paper>
  );
}
