import type { RowResult } from './row';
import type { Scenario } from './scenarios';

export interface Shown {
  readonly result: RowResult;
  /** Of a control: what it must come out red in. */
  readonly shows: Scenario['shows'];
}

const HEAD = [
  ...['point', 'lost', 'doubled', 'unequal', 'oversold', 'sold'],
  ...['acked', 'aside', 'refused'],
  ...['ack p50', 'p99 ms', 'seconds', ''],
];
const MOST_FAULTS = 8;

export const isRed = ({ lost, doubled, unequal, faults }: RowResult): boolean =>
  lost + doubled + unequal > 0 || faults.length > 0;

/** A control is right when it went to its end and is wrong where it should be. */
export const isRight = ({ result, shows }: Shown): boolean =>
  shows ? result[shows] > 0 && !result.brokenOff : !isRed(result);

/** All rows under one another, and what there is to say of some below. */
export function tableOf(rows: readonly Shown[]): string {
  const cells = [HEAD, ...rows.map(cellsOf)];
  const widths = HEAD.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
  const lines = cells.map((row) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  const notes = rows.flatMap((shown) => [
    ...shown.result.notes.map((note) => `${shown.result.name}: ${note}`),
    ...(isRight(shown) ? [] : [faultsOf(shown.result)]),
  ]);
  return [...lines, ...(notes.length > 0 ? ['', ...notes] : [])].join('\n');
}

function cellsOf(shown: Shown): string[] {
  const { result, shows } = shown;
  const { name, lost, doubled, unequal, oversold, soldShare } = result;
  const { acked, setAside, refused, ackMs, seconds } = result;
  const control = isRight(shown) ? 'red, as it must be' : 'NOT RED AS IT MUST BE';
  return [
    name,
    ...[lost, doubled, unequal, oversold ?? '-', shareOf(soldShare)].map(String),
    ...[acked, setAside, refused].map(String),
    ...[0.5, 0.99].map((share) => percentile(ackMs, share)),
    seconds.toFixed(1),
    shows ? control : isRight(shown) ? 'ok' : 'FAILED',
  ];
}

/** One row, as it is told when it is done. */
export function lineOf(shown: Shown, at: number, of: number): string {
  const [name, lost, doubled, unequal, oversold, sold, ...rest] = cellsOf(shown);
  const [acked, aside, refused, p50, p99, seconds, word] = rest;
  const sale = oversold === '-' ? '' : `  oversold ${oversold}  sold ${sold}`;
  const counts = `lost ${lost}  doubled ${doubled}  unequal ${unequal}${sale}`;
  const acks = `acked ${acked}  set aside ${aside}  refused ${refused}  acks p50 ${p50} p99 ${p99} ms`;
  return `[${at}/${of}] ${name}: ${counts}  ${acks}  ${seconds} s  ${word}`;
}

const shareOf = (share: number | null): string =>
  share === null ? '-' : `${(100 * share).toFixed(1)} %`;

export function faultsOf({ name, faults }: RowResult): string {
  const rest = faults.length > MOST_FAULTS ? `\n    … and ${faults.length - MOST_FAULTS} more` : '';
  return `${name}:\n    ${faults.slice(0, MOST_FAULTS).join('\n    ')}${rest}`;
}

function percentile(values: readonly number[], share: number): string {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return value === undefined ? '-' : value.toFixed(0);
}
