import { Chart } from '../../ui/chart/chart';
import { OUTCOME_COLOUR } from '../../ui/colours';
import { counted, fullNumber, percent } from '../../ui/figures';
import { Empty } from '../../ui/states/empty';
import { useTimeAxis } from '../../ui/time-axis';
import { OUTCOME_WORDS } from '../../ui/words';
import type { DecidedRow } from './overview-queries';

const SHOWN = ['allow', 'restrict', 'throttle', 'block'] as const;

const SERIES = SHOWN.map((outcome) => ({
  key: outcome,
  label: OUTCOME_WORDS[outcome],
  colour: OUTCOME_COLOUR[outcome],
  kind: 'bar' as const,
  stack: 'all',
}));

interface DecidedProps {
  readonly rows: readonly DecidedRow[];
  readonly words: string;
  readonly stepMs: number;
}

/** Each call by what was answered, over time. */
export function Decided({ rows, words, stepMs }: DecidedProps) {
  const axis = useTimeAxis(stepMs);
  const sums = SHOWN.map((outcome) => rows.reduce((sum, row) => sum + row[outcome], 0));
  const all = sums.reduce((sum, one) => sum + one, 0);
  if (all === 0) {
    return (
      <Empty
        title={`No call was made ${words}`}
        next="Ask before each call with POST /v1/decisions: what it answers is drawn here."
      />
    );
  }
  return (
    <Chart
      title="Decisions"
      summary={summaryOf(sums, all, words)}
      rows={rows.map(({ from, to: _, ...values }) => ({ x: Date.parse(from), ...values }))}
      series={SERIES}
      unit="calls"
      {...axis}
    />
  );
}

function summaryOf(sums: readonly number[], all: number, words: string): string {
  const [allowed = 0, ...others] = sums;
  const rest = others
    .map((count, at) => ({ count, word: OUTCOME_WORDS[SHOWN[at + 1] ?? 'block'].toLowerCase() }))
    .filter(({ count }) => count > 0)
    .map(({ count, word }) => `${fullNumber(count)} ${word}`);
  const first = `${counted(all, 'call')} ${words}: ${percent(allowed, all)} allowed`;
  return `${[first, ...rest].join(', ')}.`;
}
