import { setTimeout as pause } from 'node:timers/promises';

export interface Until {
  /** What is waited for, for the error: 'both folds to reach the end of the log'. */
  readonly what: string;
  readonly withinMs?: number;
  readonly everyMs?: number;
}

export const UNTIL_MS = 20_000;
const EVERY_MS = 25;
const SEEN_CHARS = 2_000;

export class StillWaiting extends Error {}

/**
 * Looks until what it sees is truthy, and gives that. Past the deadline the error says what was
 * waited for and what was seen last, a falsy value or an error.
 */
export async function until<T>(
  look: () => T | Promise<T>,
  options: Until,
): Promise<NonNullable<T>> {
  const { what, withinMs = UNTIL_MS, everyMs = EVERY_MS } = options;
  const deadline = Date.now() + withinMs;
  for (;;) {
    let seen: unknown;
    try {
      const value = await look();
      if (value) return value;
      seen = value;
    } catch (error) {
      seen = error;
    }
    if (Date.now() >= deadline) {
      const last = describe(seen).slice(0, SEEN_CHARS);
      throw new StillWaiting(`Waited ${withinMs} ms for ${what}; last seen: ${last}`);
    }
    await pause(everyMs);
  }
}

/**
 * Looks until `enough` of it is true; the error then shows the value that was not enough, which
 * says more than a bare false.
 */
export async function untilSeen<T>(
  look: () => T | Promise<T>,
  enough: (seen: T) => boolean,
  options: Until,
): Promise<T> {
  let last: { readonly seen: T } | undefined;
  try {
    await until(async () => {
      last = { seen: await look() };
      return enough(last.seen);
    }, options);
  } catch (error) {
    if (!(error instanceof StillWaiting) || !last) throw error;
    throw new StillWaiting(`${error.message}, as of ${describe(last.seen).slice(0, SEEN_CHARS)}`);
  }
  if (!last) throw new StillWaiting(options.what);
  return last.seen;
}

function describe(seen: unknown): string {
  if (seen instanceof Error) return `${seen.name}: ${seen.message}`;
  const plain = (_: string, v: unknown) => (typeof v === 'bigint' ? `${v}n` : v);
  return JSON.stringify(seen, plain) ?? String(seen);
}
