import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { parse } from 'csv-parse';

export const HEADER = ['TIMESTAMP', 'ContextTokens', 'GeneratedTokens'] as const;
const LONGEST_ROW_CHARS = 4_096;
const MOST_TOKENS = 1_000_000_000;

export interface TraceRow {
  /** From 0, bad rows counted too: a mended file keeps the ids of its good rows. */
  readonly row: number;
  /** Line of the file, from 1. */
  readonly line: number;
  readonly time: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export interface BadRow {
  readonly row: number;
  readonly line: number;
  readonly detail: string;
}

export const isBad = (row: TraceRow | BadRow): row is BadRow => 'detail' in row;

export class NotATrace extends Error {}

/** Reads a trace row by row, never as a whole. Throws `NotATrace` when it has other columns. */
export async function* readTrace(
  path: string,
  onBytes: (chunk: Buffer) => void = () => undefined,
): AsyncGenerator<TraceRow | BadRow> {
  const file = createReadStream(path);
  file.on('data', (chunk) => onBytes(chunk as Buffer));
  const records = file.pipe(
    parse({
      bom: true,
      info: true,
      trim: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      max_record_size: LONGEST_ROW_CHARS,
    }),
  );
  file.once('error', (error) => records.destroy(error));
  let row = -1;
  for await (const { record, info } of records as AsyncIterable<Parsed>) {
    if (row === -1) assertHeader(path, record);
    else yield readRow(record, row, info.lines);
    row++;
  }
  if (row === -1) throw new NotATrace(`${path} is empty: its first line must be ${HEADER.join()}`);
}

interface Parsed {
  readonly record: string[];
  readonly info: { readonly lines: number };
}

function assertHeader(path: string, record: readonly string[]): void {
  if (HEADER.every((name, i) => record[i] === name)) return;
  const got = record.join().slice(0, 100);
  throw new NotATrace(
    `${path} is not a trace: its first line must be ${HEADER.join()}, not ${got}`,
  );
}

function readRow(record: readonly string[], row: number, line: number): TraceRow | BadRow {
  const [timestamp = '', context = '', generated = ''] = record;
  const bad = (detail: string): BadRow => ({ row, line, detail });
  if (record.length !== HEADER.length) return bad(`has ${record.length} columns instead of 3`);
  const time = parseInstant(timestamp);
  if (time === undefined) return bad(`"${timestamp.slice(0, 40)}" is not an instant`);
  const inputTokens = parseTokens(context);
  if (inputTokens === undefined) return bad(`ContextTokens "${context.slice(0, 40)}" ${TOKENS}`);
  const outputTokens = parseTokens(generated);
  if (outputTokens === undefined)
    return bad(`GeneratedTokens "${generated.slice(0, 40)}" ${TOKENS}`);
  return { row, line, time, inputTokens, outputTokens };
}

const TOKENS = `is not a whole number from 0 to ${MOST_TOKENS}`;

function parseTokens(text: string): number | undefined {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  return value <= MOST_TOKENS ? value : undefined;
}

const INSTANT = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:Z|\+00:00)?$/;

/** UTC, to the millisecond, finer digits cut off. The 30th of February is no instant. */
export function parseInstant(text: string): number | undefined {
  const found = INSTANT.exec(text);
  if (!found) return undefined;
  const [, date, clock, fraction = ''] = found;
  const iso = `${date}T${clock}.${fraction.padEnd(3, '0').slice(0, 3)}Z`;
  const time = Date.parse(iso);
  return Number.isFinite(time) && new Date(time).toISOString() === iso ? time : undefined;
}

export interface TraceSummary {
  readonly rows: number;
  readonly bad: number;
  readonly firstTime: number;
  readonly lastTime: number;
  /** sha-256 of the file's bytes. */
  readonly hash: string;
}

/** One pass over the file; what `shiftOf` and `runOf` need before anything is sent. */
export async function surveyTrace(path: string): Promise<TraceSummary> {
  const hash = createHash('sha256');
  let rows = 0;
  let bad = 0;
  let firstTime = Infinity;
  let lastTime = -Infinity;
  for await (const row of readTrace(path, (chunk) => hash.update(chunk))) {
    rows++;
    if (isBad(row)) {
      bad++;
      continue;
    }
    firstTime = Math.min(firstTime, row.time);
    lastTime = Math.max(lastTime, row.time);
  }
  if (rows === bad) throw new NotATrace(`${path} has no row that can be sent`);
  return { rows, bad, firstTime, lastTime, hash: hash.digest('hex') };
}
