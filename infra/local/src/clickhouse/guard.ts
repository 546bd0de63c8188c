import type { EngineConnection } from './chdb-engine';
import { failed, failureOf, QueryFailed } from './errors';
import { literal } from './sql-text';
import { tokensOf, wordOf, type Token } from './tokens';

/**
 * The second lock, behind the engine's own rights (access.ts) and its read-only connections: the
 * text. INTO OUTFILE and FROM INFILE are done by the embedded engine's client half, under no
 * right, so nobody may say them. What `reader` says is first written anew by the engine's own
 * parser: no comment, no escape and no odd quoting is left when it is looked at.
 */
const MAY_READ = new Set([
  ...['SELECT', 'WITH', 'FROM', 'SHOW', 'DESCRIBE', 'DESC', 'EXPLAIN', 'EXISTS', 'SET', 'USE'],
]);

/** Table functions that stay inside the engine. Every other one is refused to `reader`. */
const INSIDE = new Set([
  ...['numbers', 'numbers_mt', 'zeros', 'zeros_mt', 'generateseries', 'generate_series', 'primes'],
  ...['values', 'sqlstandardvalues', 'format', 'null', 'view', 'viewifpermitted', 'viewexplain'],
  ...['generaterandom', 'merge', 'mergetreeindex', 'mergetreeprojection'],
]);

const denied = (what: string): Error =>
  failed(497, 'ACCESS_DENIED', `Not enough privileges. ${what}`);

function refuseFiles(tokens: readonly Token[]): void {
  const named = tokens.find((t) => wordOf(t) === 'OUTFILE' || wordOf(t) === 'INFILE');
  if (named) throw denied(`Files of the server are out of reach: ${named.text.toUpperCase()}`);
}

export class Guard {
  private constructor(private readonly outside: ReadonlySet<string>) {}

  /** Asks the engine which table functions it has, so that new ones are refused from the start. */
  static async of(connection: EngineConnection): Promise<Guard> {
    const sql = 'SELECT lower(name) FROM system.table_functions';
    const names = (await connection.read(sql, 'TabSeparatedRaw')).bytes.toString().split('\n');
    return new Guard(new Set(names.filter((name) => name !== '' && !INSIDE.has(name))));
  }

  /** `sql` ends where an INSERT's data begins. */
  checkWriter(sql: string): void {
    refuseFiles([...tokensOf(sql)]);
  }

  async checkReader(sql: string, connection: EngineConnection): Promise<void> {
    const tokens = [...tokensOf(await canonical(sql, connection))];
    refuseFiles(tokens);
    const first = tokens.find((t) => t.text !== '(');
    if (!MAY_READ.has(wordOf(first))) throw readOnly();
    if (tokens.some((t) => t.kind === 'broken')) throw denied('The text cannot be read');
    tokens.forEach((token, i) => this.checkToken(token, tokens[i + 1], wordOf(first)));
  }

  private checkToken(token: Token, next: Token | undefined, verb: string): void {
    if (verb === 'SET' && wordOf(token) === 'ROLE') throw denied('Roles cannot be changed');
    if (wordOf(token) === 'PARALLEL' && wordOf(next) === 'WITH') throw readOnly();
    const name = token.kind === 'quoted' ? unescaped(token.text) : token.text;
    const called = next?.kind === 'sign' && next.text === '(';
    if (!called || (token.kind !== 'word' && token.kind !== 'quoted')) return;
    if (this.outside.has(name.toLowerCase())) {
      throw denied(`Table function ${name} leaves the engine or is not served here`);
    }
  }
}

const readOnly = (): Error =>
  failed(164, 'READONLY', 'reader: Cannot execute query in readonly mode.');

/** ClickHouse's default, and what is left under it for the check without raising it. */
const MAX_QUERY_SIZE = 262_144;
const ROOM = 200_000;

/** The canonical text quotes with backticks and escapes with a backslash. */
const unescaped = (text: string): string => text.replace(/\\(.)/g, '$1');

/** The one statement as the engine's own parser understood it, or the engine's syntax error. */
async function canonical(sql: string, connection: EngineConnection): Promise<string> {
  const ask = `SELECT formatQuerySingleLine(${literal(sql)})`;
  try {
    // the engine's own bound is on the client's text, not on it quoted
    const roomy = ask.length > ROOM ? `SET max_query_size = ${2 * ask.length}; ` : '';
    const answer = await connection.read(roomy + ask, 'RawBLOB');
    if (roomy) await connection.read(`SET max_query_size = ${MAX_QUERY_SIZE}`, 'TSV');
    return answer.bytes.toString();
  } catch (error) {
    const failure = failureOf(error);
    const message = failure.message.replace(/: In scope SELECT formatQuerySingleLine[\s\S]*$/, '');
    throw new QueryFailed({ ...failure, message });
  }
}
