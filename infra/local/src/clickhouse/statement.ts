import { failed } from './errors';
import { readInputInsert, type InputCall } from './insert-input';
import { tokensOf, wordOf, type Token } from './tokens';

/**
 * What a request's SQL is, as far as the way it runs depends on it:
 * - `rows`: may say INTO OUTFILE, so its answer goes through a pipe and is never held whole;
 * - `insert`: data may follow it, `data` is where (in the SQL's characters);
 * - `other`: definitions and the like, small answers or none.
 */
export type Statement =
  | { readonly kind: 'rows'; readonly outfileAt: number; readonly format: string | undefined }
  | InsertStatement
  | { readonly kind: 'other'; readonly verb: string; readonly format: string | undefined };

export interface InsertStatement {
  readonly kind: 'insert';
  /** Where rows begin; undefined when they come from a SELECT. */
  readonly dataAt: number | undefined;
  /** Where SETTINGS, FORMAT or VALUES begins, whichever is first. */
  readonly clauseAt: number;
  readonly values: boolean;
  /** Where the rows enter a SELECT: INSERT … SELECT … FROM input('schema') … FORMAT X. */
  readonly input?: InputCall;
}

const ROWS = new Set(['SELECT', 'WITH', 'FROM', 'SHOW', 'DESCRIBE', 'DESC', 'EXPLAIN', 'EXISTS']);
const OTHER = new Set([
  ...['CREATE', 'ALTER', 'DROP', 'TRUNCATE', 'OPTIMIZE', 'RENAME', 'EXCHANGE', 'ATTACH', 'DETACH'],
  ...['DELETE', 'UPDATE', 'UNDROP', 'SET', 'USE', 'KILL', 'CHECK', 'SYSTEM', 'GRANT', 'REVOKE'],
  ...['BACKUP', 'RESTORE', 'MOVE', 'COPY', 'EXECUTE', 'BEGIN', 'COMMIT', 'ROLLBACK', 'REPLACE'],
]);

const syntaxError = (sql: string, at: number): Error => {
  const line = sql.slice(0, at).split('\n');
  const place = `line ${line.length}, col ${(line[line.length - 1] ?? '').length + 1}`;
  const near = sql.slice(at, at + 40) || 'end of query';
  return failed(
    62,
    'SYNTAX_ERROR',
    `Syntax error: failed at position ${at + 1} (${near}) (${place}): ${near}. Expected a query`,
  );
};

/** Reads what the SQL is; throws the syntax error of an empty, unknown or second statement. */
export function readStatement(sql: string): Statement {
  const first = tokensOf(sql).next();
  if (first.done) throw syntaxError(sql, sql.length);
  if (wordOf(first.value) === 'INSERT') return readInsert(sql);
  const tokens = [...tokensOf(sql)];
  const end = lastOfOne(sql, tokens);
  const verb = wordOf(first.value);
  const format = formatClause(tokens.slice(0, end));
  if (ROWS.has(verb) || first.value.text === '(') {
    const outfileAt = format?.at ?? tokens[end - 1]?.to ?? sql.length;
    return { kind: 'rows', outfileAt, format: format?.name };
  }
  if (!OTHER.has(verb)) throw syntaxError(sql, first.value.from);
  return { kind: 'other', verb, format: format?.name };
}

/** How many tokens belong to the one statement; more than one statement is refused. */
function lastOfOne(sql: string, tokens: readonly Token[]): number {
  const semicolon = tokens.findIndex((t) => t.kind === 'sign' && t.text === ';');
  if (semicolon < 0) return tokens.length;
  const next = tokens.slice(semicolon).find((t) => t.text !== ';' || t.kind !== 'sign');
  if (!next) return semicolon;
  const at = tokens[semicolon]?.to ?? 0;
  throw failed(
    62,
    'SYNTAX_ERROR',
    `Syntax error (Multi-statements are not allowed): failed at position ${at} ` +
      `(end of query): ${sql.slice(at - 1, at + 40)}`,
  );
}

/** The trailing FORMAT clause, with the SETTINGS that may follow it. */
function formatClause(tokens: readonly Token[]): { at: number; name: string } | undefined {
  let depth = 0;
  for (let i = tokens.length - 1; i > 0; i--) {
    const token = tokens[i];
    if (token?.text === ')' && token.kind === 'sign') depth++;
    if (token?.text === '(' && token.kind === 'sign') depth--;
    if (depth !== 0 || wordOf(token) !== 'FORMAT') continue;
    const name = tokens[i + 1];
    const before = tokens[i - 1];
    const after = wordOf(tokens[i + 2]);
    const named = name?.kind === 'word' || name?.kind === 'quoted';
    const aliased = before?.text === '.' || wordOf(before) === 'AS';
    if (!token || !name || !named || aliased || (tokens[i + 2] && after !== 'SETTINGS')) continue;
    return { at: token.from, name: name.text };
  }
  return undefined;
}

/** How many tokens stand before the rows: INSERT [INTO] [TABLE] [FUNCTION] and the name. */
function tokensOfTarget(tokens: readonly Token[]): number {
  let at = 1;
  while (['INTO', 'TABLE', 'FUNCTION'].includes(wordOf(tokens[at]))) at++;
  at++;
  while (tokens[at]?.text === '.') at += 2;
  return at;
}

/** INSERT … VALUES or INSERT … FORMAT X: everything behind it is data, never SQL. */
function readInsert(sql: string): InsertStatement {
  let depth = 0;
  let clauseAt: number | undefined;
  const seen: Token[] = [];
  for (const token of tokensOf(sql)) {
    if (token.kind === 'sign' && '([{'.includes(token.text)) depth++;
    if (token.kind === 'sign' && ')]}'.includes(token.text)) depth--;
    const previous = seen[seen.length - 1];
    seen.push(token);
    if (depth !== 0 || tokensOfTarget(seen) >= seen.length) continue;
    const word = wordOf(token);
    if (clauseAt !== undefined && wordOf(previous) === 'FORMAT') {
      const values = word === 'VALUES';
      return { kind: 'insert', dataAt: token.to, clauseAt, values };
    }
    if (['SETTINGS', 'FORMAT', 'VALUES'].includes(word)) clauseAt ??= token.from;
    if (word === 'VALUES')
      return { kind: 'insert', dataAt: token.to, clauseAt: clauseAt ?? 0, values: true };
    if (['SELECT', 'WITH', 'FROM', 'WATCH'].includes(word)) break;
  }
  const withInput = readInputInsert(sql);
  if (withInput) return withInput;
  lastOfOne(sql, [...tokensOf(sql)]);
  return { kind: 'insert', dataAt: undefined, clauseAt: sql.length, values: false };
}
