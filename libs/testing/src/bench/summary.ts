import type { BenchFigure } from './figure';
import type { BenchesRun } from './run-benches';
import { ratioText } from './spread';

const HEAD = ['bench', 'measured', 'ours', 'against', 'ratio (range)', 'budget', ''];

/** The table at the end: a line for each figure, its notes below it. */
export function summary({ figures, faults }: BenchesRun): string {
  const rows = [HEAD, ...figures.map(cells)];
  const widths = HEAD.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const lines = rows.flatMap((row, at) => [
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
    ...(figures[at - 1]?.notes ?? []).map((note) => `    ${note}`),
  ]);
  const wrong = faults.map(({ bench, detail }) => `FAILED  ${bench}: ${detail}`);
  return [...lines, ...wrong].join('\n');
}

function cells({ bench, what, ours, against, ratio, budget }: BenchFigure): string[] {
  const verdict = budget ? (budget.met ? 'met' : 'missed') : '';
  const compared = ratio ? ratioText(ratio) : '';
  return [bench, what, ours, against ?? '', compared, budget?.text ?? '', verdict];
}

export function asJson(run: BenchesRun): string {
  return JSON.stringify({ machine: machine(), ...run });
}

function machine(): Record<string, unknown> {
  const { version, arch, platform } = process;
  return { node: version, arch, platform, at: new Date().toISOString() };
}
