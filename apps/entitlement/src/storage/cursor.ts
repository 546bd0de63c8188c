import { z } from 'zod';

/**
 * Where the next page of a list begins: the last row's place in the order, in a form that clients
 * can't be tempted to read. It grants nothing: every query keeps to its own project.
 */
export function encodeCursor(place: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** The place, or null where the text is no cursor of this list. */
export function decodeCursor<T extends z.ZodType>(shape: T, cursor: string): z.output<T> | null {
  try {
    const read = shape.safeParse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}

/** One page: at most `limit` of `rows`, of which there is one more if the list goes on. */
export function pageOf<R, T>(
  rows: readonly R[],
  limit: number,
  itemOf: (row: R) => T,
  placeOf: (row: R) => readonly (string | number)[],
): { data: T[]; nextCursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const nextCursor = rows.length > limit && last ? encodeCursor(placeOf(last)) : null;
  return { data: shown.map(itemOf), nextCursor };
}
