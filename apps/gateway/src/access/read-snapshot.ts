import type { z } from 'zod';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** What an entry of the snapshot topic says; null: not JSON, not UTF-8, or not of this shape. */
export function readSnapshot<S extends z.ZodType>(shape: S, value: Uint8Array): z.output<S> | null {
  try {
    return shape.safeParse(JSON.parse(utf8.decode(value))).data ?? null;
  } catch {
    // The caller counts and tells it.
    return null;
  }
}
