import { z } from 'zod';
import { badCursor } from './reader';

/** A place in a list, as clients carry it. */
export const textOf = (cursor: object | null): string | null =>
  cursor && Buffer.from(JSON.stringify(cursor)).toString('base64url');

/** The place that a client gave back; throws the problem `invalid` where no page gave it. */
export function cursorOf<T extends z.ZodType>(
  shape: T,
  text: string | undefined,
): z.output<T> | null {
  if (text === undefined) return null;
  try {
    const read = shape.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
    if (read.success) return read.data;
  } catch {
    // Whatever it is, it is no cursor of ours: the answer below says so.
  }
  throw badCursor();
}
