import { textUpTo } from '@tallyward/contracts';
import { z } from 'zod';

/** Longest text in a cursor, UTF-8 bytes: a counter's name. */
const CURSOR_TEXT_BYTES = 1_024;

/** What a place may be made of. Strangers write cursors too, so each is what Postgres can take. */
export const cursorText = textUpTo(CURSOR_TEXT_BYTES);
/** Epoch ms. */
export const cursorInstant = z.number().int().min(0).max(8_640_000_000_000_000);
/** Of a column of 32 bits. */
export const cursorNumber = z
  .number()
  .int()
  .min(0)
  .max(2 ** 31 - 1);
/** Decimal digits of a column of 64 bits. */
export const cursorOffset = z
  .string()
  .regex(/^\d{1,19}$/)
  .refine((digits) => BigInt(digits) < 2n ** 63n);

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
