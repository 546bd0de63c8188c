import { Paper, Text } from '@mantine/core';
import {
  Area,
  Bar,
  CartesianGrid,
  ComposedChart,
  Line,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import { fullNumber, shortNumber } from '../figures';
import type { ChartProps, ChartRow, ChartSeries } from './chart';

const HEIGHT_PX = 260;
const AXIS = { fontSize: 12, fill: 'var(--tw-quiet)' } as const;

/** Recharts alone knows how it is drawn; its accessibility layer takes the arrow keys. */
export function ChartPicture(props: ChartProps) {
  const { rows, series, writeX, mark, height = HEIGHT_PX, title, onChoose } = props;
  // Lines go by time as it is; bars stand one beside the other.
  const isTime = typeof rows[0]?.x === 'number' && series.every(({ kind }) => kind !== 'bar');
  return (
    <ResponsiveContainer width="100%" height={height}>
      <ComposedChart
        data={rows as ChartRow[]}
        accessibilityLayer
        title={title}
        margin={{ top: 8, right: 8, bottom: 0, left: 0 }}
        // a click that comes with the pointer, as a tap does, must find the row it points at
        {...(onChoose ? { throttledEvents: [] } : {})}
        onClick={({ activeTooltipIndex }) => {
          const row = rows[Number(activeTooltipIndex)];
          if (row) onChoose?.(row);
        }}
      >
        <CartesianGrid vertical={false} stroke="var(--tw-grid)" />
        <XAxis
          dataKey="x"
          {...(isTime ? { type: 'number', scale: 'time', domain: ['dataMin', 'dataMax'] } : {})}
          tickFormatter={writeX}
          tick={AXIS}
          minTickGap={40}
          stroke="var(--tw-grid)"
        />
        <YAxis
          tickFormatter={shortNumber}
          tick={AXIS}
          width={48}
          stroke="var(--tw-grid)"
          domain={[0, mark ? (top: number) => Math.max(top, mark.y * 1.05) : 'auto']}
        />
        <Tooltip content={<FullNumbers {...props} />} isAnimationActive={false} />
        {mark && (
          <ReferenceLine
            y={mark.y}
            stroke="var(--tw-over)"
            strokeDasharray="2 4"
            label={{ value: mark.label, position: 'insideTopLeft', ...AXIS }}
          />
        )}
        {series.map((one) => drawn(one, hasLonePoint(rows, one.key)))}
      </ComposedChart>
    </ResponsiveContainer>
  );
}

/** A point with nothing on either side is no line: without a dot it would not be seen. */
function hasLonePoint(rows: readonly ChartRow[], key: string): boolean {
  const has = (at: number): boolean => typeof rows[at]?.[key] === 'number';
  return rows.some((_, at) => has(at) && !has(at - 1) && !has(at + 1));
}

/** A function, not a component: Recharts finds its parts among its own children. */
function drawn({ key, label, colour, kind, stack }: ChartSeries, withDots: boolean) {
  const shared = { key, dataKey: key, name: label, stackId: stack, isAnimationActive: false };
  if (kind === 'bar') return <Bar {...shared} key={key} fill={colour} maxBarSize={48} />;
  if (kind === 'area') {
    return (
      <Area
        {...shared}
        key={key}
        stroke={colour}
        strokeWidth={2}
        fill={colour}
        fillOpacity={0.18}
      />
    );
  }
  const dashes = kind === 'dashed' ? '5 5' : undefined;
  return (
    <Line
      {...shared}
      key={key}
      stroke={colour}
      strokeWidth={2}
      strokeDasharray={dashes}
      dot={withDots}
    />
  );
}

interface Hovered {
  readonly active?: boolean;
  readonly payload?: readonly { readonly payload: ChartRow }[];
}

function FullNumbers({ series, writeX, unit, active, payload }: ChartProps & Hovered) {
  const row = payload?.[0]?.payload;
  if (!active || !row) return null;
  return (
    <Paper withBorder shadow="sm" p="xs">
      <Text size="xs" fw={600}>
        {writeX(row.x)}
      </Text>
      {series.map(({ key, label, colour }) =>
        typeof row[key] === 'number' ? (
          <Text size="xs" key={key} className="tw-number">
            <span style={{ color: colour }}>■</span> {label}: {fullNumber(row[key])} {unit}
          </Text>
        ) : null,
      )}
    </Paper>
  );
}
