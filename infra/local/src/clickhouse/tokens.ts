/** One word of SQL as ClickHouse's lexer cuts it; whitespace and comments are left out. */
export interface Token {
  readonly kind: 'word' | 'quoted' | 'string' | 'number' | 'sign' | 'broken';
  /** As written, but without the quotes for `quoted`. */
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

/** A word in capitals, as SQL's own words are compared; '' for any other token, or none. */
export const wordOf = (token: Token | undefined): string =>
  token?.kind === 'word' ? token.text.toUpperCase() : '';

const SPACE = /[\s\u0000\u0085\u00a0\u200b\ufeff\u180e\u2000-\u200f\u2060]+/y;
const LINE_COMMENT = /(?:--|\/\/|#)[^\n]*/y;
const WORD = /[A-Za-z_][A-Za-z0-9_$]*/y;
const NUMBER = /[0-9][A-Za-z0-9_.]*/y;
const HEREDOC_TAG = /\$[A-Za-z0-9_]*\$/y;
const CURLY = { '\u2018': '\u2019', '\u201c': '\u201d' } as const;

const matchAt = (pattern: RegExp, sql: string, at: number): string | undefined => {
  pattern.lastIndex = at;
  return pattern.exec(sql)?.[0];
};

/** The end of a comment that may hold comments; -1 when it is never closed. */
function endOfComment(sql: string, from: number): number {
  let depth = 0;
  for (let at = from; at < sql.length - 1; at++) {
    const two = sql.slice(at, at + 2);
    if (two === '/*') depth++;
    else if (two === '*/') depth--;
    else continue;
    at++;
    if (depth === 0) return at + 1;
  }
  return -1;
}

/** The end of a quoted piece: a backslash takes the next character, a doubled quote is one. */
function endOfQuoted(sql: string, from: number): number {
  const quote = sql[from];
  for (let at = from + 1; at < sql.length; at++) {
    if (sql[at] === '\\') at++;
    else if (sql[at] === quote) {
      if (sql[at + 1] !== quote) return at + 1;
      at++;
    }
  }
  return -1;
}

function skipBlanks(sql: string, from: number): number {
  let at = from;
  for (;;) {
    const blank = matchAt(SPACE, sql, at) ?? matchAt(LINE_COMMENT, sql, at);
    if (blank) at += blank.length;
    else if (sql.startsWith('/*', at)) {
      const end = endOfComment(sql, at);
      if (end < 0) return at;
      at = end;
    } else return at;
  }
}

function quotedAt(sql: string, from: number): Token | undefined {
  const first = sql[from] ?? '';
  if (first === "'" || first === '"' || first === '`') {
    const to = endOfQuoted(sql, from);
    if (to < 0) return { kind: 'broken', text: first, from, to: sql.length };
    const text = sql.slice(from + 1, to - 1);
    return { kind: first === "'" ? 'string' : 'quoted', text, from, to };
  }
  const closing = CURLY[first as keyof typeof CURLY];
  if (closing) {
    const end = sql.indexOf(closing, from);
    if (end < 0) return { kind: 'broken', text: first, from, to: sql.length };
    const kind = first === '\u2018' ? 'string' : 'quoted';
    return { kind, text: sql.slice(from + 1, end), from, to: end + 1 };
  }
  const tag = matchAt(HEREDOC_TAG, sql, from);
  if (!tag) return undefined;
  const end = sql.indexOf(tag, from + tag.length);
  if (end < 0) return undefined;
  return { kind: 'string', text: sql.slice(from + tag.length, end), from, to: end + tag.length };
}

/** Cuts SQL lazily, so that an INSERT's data behind its FORMAT is never looked at. */
export function* tokensOf(sql: string): Generator<Token> {
  let from = 0;
  for (;;) {
    from = skipBlanks(sql, from);
    if (from >= sql.length) return;
    const quoted = quotedAt(sql, from);
    if (quoted) {
      yield quoted;
      from = quoted.to;
      continue;
    }
    const word = matchAt(WORD, sql, from);
    const text = word ?? matchAt(NUMBER, sql, from) ?? sql.charAt(from);
    const to = from + text.length;
    const kind = word ? 'word' : text.length > 1 || /[0-9]/.test(text) ? 'number' : 'sign';
    yield { kind, text, from, to };
    from = to;
  }
}
