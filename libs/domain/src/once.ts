import type { LoggedEvent } from './usage-event';

/** What a fold remembers of an event that counted: where it stands and what the client sent. */
export interface CountedKey {
  readonly offset: bigint;
  readonly content: string;
}

export type Verdict =
  | { readonly kind: 'counts'; readonly entry: LoggedEvent }
  /** The same event again: nothing to do. */
  | { readonly kind: 'duplicate'; readonly entry: LoggedEvent; readonly first: bigint }
  /** The same identity with other content: kept aside (I2). */
  | { readonly kind: 'conflict'; readonly entry: LoggedEvent; readonly first: bigint };

/**
 * Which events of one partition's batch count: the first offset of an identity wins, in the batch
 * and against what counted before. An event that stands in `known` at its own offset counts (a
 * batch formed again after a crash). Entries must come in offset order.
 */
export function countOnce(
  entries: readonly LoggedEvent[],
  identityOf: (entry: LoggedEvent) => string,
  known: ReadonlyMap<string, CountedKey>,
): Verdict[] {
  const inBatch = new Map<string, CountedKey>();
  return entries.map((entry) => {
    const identity = identityOf(entry);
    const first = known.get(identity) ?? inBatch.get(identity);
    if (!first || first.offset === entry.offset) {
      inBatch.set(identity, { offset: entry.offset, content: entry.event.content });
      return { kind: 'counts', entry };
    }
    const kind = first.content === entry.event.content ? 'duplicate' : 'conflict';
    return { kind, entry, first: first.offset };
  });
}
