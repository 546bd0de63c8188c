import { isPastHorizon } from './horizon';
import type { LoggedEvent } from './usage-event';

/** What a fold remembers of an event that counted: where it stands, its time, what was sent. */
export interface CountedKey {
  readonly offset: bigint;
  readonly content: string;
  readonly time: number;
}

/** What counting once asks of an entry of the log. */
export interface OnceCounted {
  readonly offset: bigint;
  readonly appendedAt: number;
  readonly event: { readonly content: string; readonly time: number };
}

export type Verdict<E extends OnceCounted = LoggedEvent> =
  | { readonly kind: 'counts'; readonly entry: E }
  /** The same event again: nothing to do. */
  | { readonly kind: 'duplicate'; readonly entry: E; readonly first: bigint }
  /** The same identity with other content: kept aside (I2). */
  | { readonly kind: 'conflict'; readonly entry: E; readonly first: bigint };

/**
 * Which events of one partition's batch count: the first offset of an identity wins, in the batch
 * and against what counted before. An event that stands in `known` at its own offset counts (a
 * batch formed again after a crash). Entries must come in offset order.
 *
 * A key vouches for what the log took up to 36 days after the key's time: as long as a copy of its
 * event could still be folded. An id used again later is a new event, whose key takes the place of
 * the old one. So the answer follows from the log alone, and not from when keys were pruned, which
 * is a day later at the earliest and differs between the folds and a replay.
 */
export function countOnce<E extends OnceCounted>(
  entries: readonly E[],
  identityOf: (entry: E) => string,
  known: ReadonlyMap<string, CountedKey>,
): Verdict<E>[] {
  const inBatch = new Map<string, CountedKey>();
  return entries.map((entry) => {
    const identity = identityOf(entry);
    const { offset, event, appendedAt } = entry;
    const first = inBatch.get(identity) ?? known.get(identity);
    if (!first || first.offset === offset || isPastHorizon(first.time, appendedAt)) {
      inBatch.set(identity, { offset, content: event.content, time: event.time });
      return { kind: 'counts', entry };
    }
    const kind = first.content === event.content ? 'duplicate' : 'conflict';
    return { kind, entry, first: first.offset };
  });
}
