import { call, type Query } from './call';

const PAGE_ROWS = 200;

export interface Page<T> {
  readonly data: T[];
  readonly nextCursor: string | null;
}

/** All rows of a list that is known to be short, up to `most`. */
export async function everyPage<T>(
  at: string,
  { query = {}, signal }: { query?: Query; signal?: AbortSignal },
  most: number,
): Promise<T[]> {
  const rows: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<T> = await call<Page<T>>(at, {
      query: { ...query, limit: PAGE_ROWS, cursor },
      signal,
    });
    rows.push(...page.data);
    cursor = page.nextCursor;
  } while (cursor !== null && rows.length < most);
  return rows;
}
