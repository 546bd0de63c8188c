import type { Got, Sent } from './target';

/** One line of the conformance list: what a client sends, and what it has to get. */
export interface Row {
  readonly name: string;
  readonly as?: 'loader' | 'reader';
  readonly send: Sent | (() => Sent);
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | RegExp>>;
  /** The exact text, a pattern, or a look at the bytes; absent: not looked at. */
  readonly body?: string | RegExp | ((got: Got) => unknown);
}

export function checkRow(row: Row, got: Got): void {
  const wanted = row.status ?? 200;
  if (got.status !== wanted) expect(`${got.status} ${got.text}`).toBe(`${wanted}`);
  for (const [name, value] of Object.entries(row.headers ?? {})) {
    const header = String(got.headers[name.toLowerCase()] ?? '');
    if (typeof value === 'string') expect(header).toBe(value);
    else expect(header).toMatch(value);
  }
  if (typeof row.body === 'string') expect(got.text).toBe(row.body);
  else if (row.body instanceof RegExp) expect(got.text).toMatch(row.body);
  else if (row.body) row.body(got);
}

/** The database of the list; made and dropped by it. */
export const DB = 'tallyward_conformance';
