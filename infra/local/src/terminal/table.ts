export type Cell = string | number;

const grouped = new Intl.NumberFormat('en-US');

/** Digits in groups of three: 22,361,870. */
export const digits = (n: number | bigint): string => grouped.format(n);

/** Columns as wide as their widest cell, two spaces between; numbers to the right. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const texts = [head, ...rows.map((row) => row.map(text))];
  const widths = head.map((_, i) => Math.max(...texts.map((row) => row[i]?.length ?? 0)));
  const right = head.map((_, i) => typeof rows[0]?.[i] === 'number');
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (right[i] ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  return texts.map(line).join('\n');
}

const text = (cell: Cell): string => (typeof cell === 'number' ? digits(cell) : cell);
