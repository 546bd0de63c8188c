import type { Row } from '@clickhouse/client';
import { stringify } from 'csv-stringify/sync';
import { Transform } from 'node:stream';
import type { ExportFormat } from './export-statement';

type Write = (rows: readonly Row[]) => string;

/** JSON lines go on as ClickHouse wrote them. */
const asLines: Write = (rows) => rows.map(({ text }) => `${text}\n`).join('');
const asCsv: Write = (rows) => stringify(rows.map((row) => row.json<unknown[]>()));

/**
 * ClickHouse's rows as the export's text. It takes one block of rows (some 64 KiB) at a time and no
 * more before that has been read from it, so an export of any size holds no more than these.
 */
export function exportText(format: ExportFormat, columns: readonly string[]): Transform {
  const write = format === 'csv' ? asCsv : asLines;
  const text = new Transform({
    writableObjectMode: true,
    writableHighWaterMark: 1,
    transform(rows: Row[], _encoding, done) {
      try {
        done(null, write(rows));
      } catch (error) {
        done(error as Error);
      }
    },
  });
  if (format === 'csv') text.push(stringify([columns]));
  return text;
}
