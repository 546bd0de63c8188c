import { failed } from './errors';
import type { InsertStatement } from './statement';
import { tokensOf, wordOf, type Token } from './tokens';

/** The call of input(): where it stands, and its schema's literal as written. */
export interface InputCall {
  readonly from: number;
  readonly to: number;
  readonly schema: string;
}

const isSign = (token: Token | undefined, sign: string): boolean =>
  token?.kind === 'sign' && token.text === sign;

/**
 * INSERT … SELECT … FROM input('schema') … FORMAT X: what follows is rows. Undefined without such
 * a call; a call without a format, a schema or a fellow is refused as ClickHouse refuses it.
 */
export function readInputInsert(sql: string): InsertStatement | undefined {
  const seen: Token[] = [];
  let [depth, input] = [0, undefined as InputCall | undefined];
  for (const token of tokensOf(sql)) {
    if (isSign(token, '(')) depth++;
    if (isSign(token, ')')) depth--;
    const format = seen[seen.length - 1];
    seen.push(token);
    const call = inputEndingHere(sql, seen);
    if (call && input) throw refused('input() may stand in a statement once');
    input ??= call;
    if (input && depth === 0 && wordOf(format) === 'FORMAT' && format && token.kind === 'word') {
      return { kind: 'insert', dataAt: token.to, clauseAt: format.from, values: false, input };
    }
  }
  if (input) throw refused('FORMAT must be specified at the end of a statement with input()');
  return undefined;
}

function inputEndingHere(sql: string, seen: readonly Token[]): InputCall | undefined {
  const [name, open, schema, close] = seen.slice(-4);
  if (wordOf(name) !== 'INPUT' || !isSign(open, '(') || !name || !schema || !close)
    return undefined;
  if (schema.kind !== 'string' || !isSign(close, ')')) {
    throw refused("input() takes one literal, its schema: input('a UInt64, b String')");
  }
  return { from: name.from, to: close.to, schema: sql.slice(schema.from, schema.to) };
}

const refused = (what: string): Error => failed(36, 'BAD_ARGUMENTS', `Bad arguments: ${what}.`);
