import { randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { UserName } from './access';
import { NOTHING_YET, type Summary } from './answer';
import type { Ask } from './ask';
import type { ChdbEngine, EngineConnection } from './chdb-engine';
import { failed } from './errors';
import type { InputCall } from './insert-input';
import type { Guard } from './guard';
import { AnswerPipe, type Pipes } from './pipes';
import { markOf, prepare } from './prepare';
import type { Query } from './sql-of';
import { identifier, literal } from './sql-text';

/** Where an answer goes, piece by piece; a piece is taken before the next one is read. */
export interface AnswerSink {
  begin(format: string): void;
  write(bytes: Buffer): Promise<void>;
  /** True once nobody listens any more: the query is then cancelled. */
  readonly gone: AbortSignal;
}

export interface Runner {
  readonly engine: ChdbEngine;
  readonly pipes: Pipes;
  readonly guard: Guard;
  readonly bodies: string;
}

/** Checks and runs one query on a connection that is its alone while it runs. */
export async function runQuery(
  runner: Runner,
  connection: EngineConnection,
  user: UserName,
  ask: Ask,
  query: Query,
  sink: AnswerSink,
): Promise<Summary> {
  const { statement, sql } = query;
  if (user === 'reader') await runner.guard.checkReader(sql, connection);
  else runner.guard.checkWriter(sql);
  if (ask.readOnly && statement.kind !== 'rows') {
    throw failed(164, 'READONLY', `${user}: Cannot execute query in readonly mode.`);
  }
  const mark = markOf(randomUUID());
  await prepare(connection, user, ask, mark);
  if (statement.kind === 'rows') return readRows(runner, connection, ask, query, sink, mark);
  if (statement.kind === 'insert') return insertRows(runner, connection, query);
  const format = statement.format ?? ask.defaultFormat;
  const done = await connection.read(sql, format);
  if (done.bytes.length > 0) {
    sink.begin(format);
    await sink.write(done.bytes);
  }
  return { ...NOTHING_YET, elapsedSeconds: done.elapsed };
}

async function insertRows(
  runner: Runner,
  connection: EngineConnection,
  query: Query,
): Promise<Summary> {
  const { statement, sql, data } = query;
  if (statement.kind !== 'insert' || statement.dataAt === undefined) {
    return writtenBy(await connection.write(sql));
  }
  // the rows lie in a file while they are read: the engine's inline form would take what follows
  // an empty line, or a semicolon in VALUES, for the next statement
  const file = join(runner.bodies, randomUUID());
  writeFileSync(file, data, { mode: 0o600 });
  const from = `FROM INFILE ${literal(file)}`;
  try {
    const { clauseAt, values, input } = statement;
    if (input) return await selectFromRows(connection, sql, from, { ...input, clauseAt });
    const behind = values ? sql.slice(clauseAt).replace(/VALUES$/i, '') : sql.slice(clauseAt);
    const format = values && !/FORMAT\s+\S+$/i.test(sql) ? 'FORMAT Values' : '';
    return writtenBy(
      await connection.write(`${sql.slice(0, clauseAt)} ${from} ${behind} ${format}`),
    );
  } finally {
    rmSync(file, { force: true });
  }
}

/** What stands for input() in the statement; a temporary table ends with the connection. */
const ROWS_OF_REQUEST = 'tallyward_rows_of_request';

/**
 * The embedded engine's own input() reads nothing. The rows go into a table of the connection's
 * own first, in memory, and the SELECT reads that.
 */
async function selectFromRows(
  connection: EngineConnection,
  sql: string,
  fromFile: string,
  { from, to, schema, clauseAt }: InputCall & { readonly clauseAt: number },
): Promise<Summary> {
  const shape = `SELECT * FROM null(${schema})`;
  await connection.read(`CREATE TEMPORARY TABLE ${ROWS_OF_REQUEST} AS ${shape}`, 'TSV');
  try {
    await connection.write(`INSERT INTO ${ROWS_OF_REQUEST} ${fromFile} ${sql.slice(clauseAt)}`);
    const selected = sql.slice(0, from) + ROWS_OF_REQUEST + sql.slice(to, clauseAt);
    return writtenBy(await connection.write(selected));
  } finally {
    await connection.read(`DROP TEMPORARY TABLE IF EXISTS ${ROWS_OF_REQUEST}`, 'TSV');
  }
}

const writtenBy = (done: { rowsWritten: number; bytesWritten: number; elapsed: number }) => ({
  readRows: done.rowsWritten,
  readBytes: done.bytesWritten,
  writtenRows: done.rowsWritten,
  writtenBytes: done.bytesWritten,
  elapsedSeconds: done.elapsed,
});

async function readRows(
  runner: Runner,
  connection: EngineConnection,
  ask: Ask,
  query: Query,
  sink: AnswerSink,
  mark: string,
): Promise<Summary> {
  if (query.statement.kind !== 'rows') throw new Error('only rows go through a pipe');
  const { outfileAt, format } = query.statement;
  const pipe = runner.pipes.open();
  const into = ` INTO OUTFILE ${literal(pipe.path)} TRUNCATE `;
  const tail = format === undefined ? `FORMAT ${identifier(ask.defaultFormat)} ` : '';
  const sql = query.sql.slice(0, outfileAt) + into + tail + query.sql.slice(outfileAt);
  const cancel = (): void => void runner.engine.cancel(mark).catch(() => undefined);
  sink.gone.addEventListener('abort', cancel, { once: true });
  sink.begin(format ?? ask.defaultFormat);
  const reading = connection.read(sql, ask.defaultFormat).finally(() => pipe.complete());
  try {
    const [done] = await Promise.all([reading, drain(pipe, sink, cancel)]);
    if (done.bytes.length > 0) await sink.write(done.bytes);
    return {
      ...NOTHING_YET,
      readRows: done.rowsRead,
      readBytes: done.bytesRead,
      elapsedSeconds: done.elapsed,
    };
  } finally {
    // the engine may still write into the pipe after a failed drain: wait before it is reused
    await reading.catch(() => undefined);
    sink.gone.removeEventListener('abort', cancel);
    pipe.close();
  }
}

/**
 * The pipe keeps its reader until the first byte or the query's end, also when nobody listens any
 * more: an engine that opens a pipe without a reader waits for one, past any cancel. What is let
 * go behind a byte breaks the pipe, and with it the query.
 */
async function drain(pipe: AnswerPipe, sink: AnswerSink, cancel: () => void): Promise<void> {
  try {
    for await (const chunk of pipe.output) {
      if (sink.gone.aborted) return;
      await sink.write(chunk as Buffer);
    }
  } catch (error) {
    cancel();
    if (!sink.gone.aborted) throw error;
  }
}
