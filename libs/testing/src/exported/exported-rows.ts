import { UNITS, zeroAmounts, type Unit } from '@tallyward/domain';
import { parse } from 'csv-parse/sync';

export const NDJSON = 'application/x-ndjson';
export const CSV = 'text/csv';

/** One row of an export, a report or a query, by its columns' names. */
export type ExportedRow = Readonly<Record<string, unknown>>;
export type UnitSums = Record<Unit, number>;

export const csvRows = (text: string): ExportedRow[] =>
  parse(text, { columns: true }) as ExportedRow[];

export const jsonLines = (text: string): ExportedRow[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ExportedRow);

/** Of every unit, over rows that hold it under its own name. */
export function sumsOf(rows: readonly ExportedRow[]): UnitSums {
  const sums = zeroAmounts();
  for (const row of rows) for (const unit of UNITS) sums[unit] += Number(row[unit]);
  return sums;
}
