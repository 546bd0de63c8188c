import { readStatement, type Statement } from './statement';

/** A request's SQL and, for an INSERT, the rows that came with it. */
export interface Query {
  readonly statement: Statement;
  /** For an INSERT with data: up to where the data begins, clause by clause. */
  readonly sql: string;
  readonly data: Buffer;
}

/** An INSERT's statement is looked for in so much of the body; rows follow it. */
const INSERT_HEAD_BYTES = 1024 * 1024;
const LOOKS_LIKE_INSERT = /\bINSERT\b/i;

/** What may stand between FORMAT X and the first row: blanks and one end of line. */
const behindFormat = (data: string): number => /^[ \t\f]*\r?\n?/.exec(data)?.[0].length ?? 0;

/**
 * The `query=` parameter and the body, put together as ClickHouse does: the SQL may be in either,
 * an INSERT's rows behind its SQL or alone in the body.
 */
export function queryOf(parameter: string, body: Buffer): Query {
  if (parameter !== '') return queryInParameter(parameter, body);
  const head = body.subarray(0, INSERT_HEAD_BYTES).toString('latin1');
  if (LOOKS_LIKE_INSERT.test(head)) {
    const insert = insertWithRows(head);
    if (insert) {
      // one character of latin1 is one byte: the place in the head is the place in the body
      const sql = body.subarray(0, insert.dataAt).toString('utf8');
      const rest = body.subarray(insert.dataAt);
      const skip = insert.values ? 0 : behindFormat(rest.subarray(0, 64).toString('latin1'));
      return { statement: readStatement(sql), sql, data: rest.subarray(skip) };
    }
  }
  const sql = body.toString('utf8');
  return { statement: readStatement(sql), sql, data: Buffer.alloc(0) };
}

function queryInParameter(parameter: string, body: Buffer): Query {
  const insert = LOOKS_LIKE_INSERT.test(parameter) ? insertWithRows(parameter) : undefined;
  if (insert) {
    const sql = parameter.slice(0, insert.dataAt);
    const inline = parameter.slice(insert.dataAt);
    const skip = insert.values ? 0 : behindFormat(inline);
    const rows = inline.slice(skip);
    const data = rows === '' ? body : Buffer.concat([Buffer.from(`${rows}\n`), body]);
    return { statement: readStatement(sql), sql, data };
  }
  const sql = body.length === 0 ? parameter : `${parameter}\n${body.toString('utf8')}`;
  return { statement: readStatement(sql), sql, data: Buffer.alloc(0) };
}

function insertWithRows(text: string): { dataAt: number; values: boolean } | undefined {
  const statement = readStatement(text);
  if (statement.kind !== 'insert' || statement.dataAt === undefined) return undefined;
  return { dataAt: statement.dataAt, values: statement.values };
}
