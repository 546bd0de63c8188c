import { isPastHorizon } from './horizon';
import type { LoggedEvent } from './usage-event';
import type { LoggedVoid } from './usage-void';

/** What a fold remembers of an identity: which event counted, and what took it back. */
export interface CountedKey {
  /** Where the event stands that counted; of a void that no event has met, the void. */
  readonly offset: bigint;
  /** Of what the client sent; empty where no event has come. */
  readonly content: string;
  /** The event's own time, or the log's at the void, whichever is later: epoch ms. */
  readonly time: number;
  /** Where the void stands; null: there is none. */
  readonly voidedAt: bigint | null;
}

/** What counting once asks of an entry of the log; one without an event voids. */
export interface OnceCounted {
  readonly offset: bigint;
  readonly appendedAt: number;
  readonly event: { readonly content: string; readonly time: number } | null;
}

/** The entries that tell of an event. */
export type WithEvent<E extends OnceCounted> = Extract<E, { readonly event: object }>;
/** The entries that void. */
export type WithoutEvent<E extends OnceCounted> = Extract<E, { readonly event: null }>;

export type Verdict<E extends OnceCounted = LoggedEvent | LoggedVoid> =
  | { readonly kind: 'counts'; readonly entry: WithEvent<E> }
  /** The same event again: nothing to do. */
  | { readonly kind: 'duplicate'; readonly entry: WithEvent<E>; readonly first: bigint }
  /** The same identity with other content: kept aside (I2). */
  | { readonly kind: 'conflict'; readonly entry: WithEvent<E>; readonly first: bigint }
  /** An event whose void came first: it is there, and counts for nothing. */
  | { readonly kind: 'voided'; readonly entry: WithEvent<E>; readonly by: bigint }
  /** Takes back what counted at `of`. */
  | { readonly kind: 'voids'; readonly entry: WithoutEvent<E>; readonly of: bigint }
  /** A void of an event that has not come yet. */
  | { readonly kind: 'awaits'; readonly entry: WithoutEvent<E> }
  /** The same void again: nothing to do. */
  | { readonly kind: 'repeated'; readonly entry: WithoutEvent<E>; readonly first: bigint };

/** What a batch says, entry by entry, and the keys as they stand after it. */
export interface Judged<E extends OnceCounted> {
  readonly verdicts: Verdict<E>[];
  /** By identity: those that the batch made or changed. */
  readonly changed: Map<string, CountedKey>;
}

/**
 * Which events of one partition's batch count: the first offset of an identity wins, in the batch
 * and against what counted before; and what a void of it takes back, once, before the event or
 * after it. An entry that stands in `known` at its own offset is what it was (a batch formed again
 * after a crash). Entries must come in offset order.
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
): Judged<E> {
  const changed = new Map<string, CountedKey>();
  const verdicts = entries.map((entry) => {
    const identity = identityOf(entry);
    const stored = changed.get(identity) ?? known.get(identity);
    const key = stored && vouches(stored, entry) ? stored : null;
    const { verdict, after } = isVoid(entry)
      ? judgeVoid<E>(entry, key)
      : judgeEvent<E>(entry as WithEvent<E>, key);
    if (after !== stored) changed.set(identity, after);
    return verdict;
  });
  return { verdicts, changed };
}

interface Step<E extends OnceCounted> {
  readonly verdict: Verdict<E>;
  readonly after: CountedKey;
}

function isVoid<E extends OnceCounted>(entry: E): entry is E & WithoutEvent<E> {
  return entry.event === null;
}

function vouches(key: CountedKey, { offset, appendedAt }: OnceCounted): boolean {
  const isOwn = key.offset === offset || key.voidedAt === offset;
  return isOwn || !isPastHorizon(key.time, appendedAt);
}

function judgeEvent<E extends OnceCounted>(entry: WithEvent<E>, key: CountedKey | null): Step<E> {
  const { offset } = entry;
  const { content, time } = entry.event as { content: string; time: number };
  if (key === null) {
    return { verdict: { kind: 'counts', entry }, after: { offset, content, time, voidedAt: null } };
  }
  if (key.offset === offset) {
    const kind = standing(key, { offset, isVoid: false });
    if (kind === 'voided')
      return { verdict: { kind, entry, by: key.voidedAt ?? offset }, after: key };
    return { verdict: { kind: 'counts', entry }, after: key };
  }
  if (key.content === '') {
    const by = key.voidedAt ?? key.offset;
    const after = { offset, content, time: Math.max(key.time, time), voidedAt: by };
    return { verdict: { kind: 'voided', entry, by }, after };
  }
  const kind = key.content === content ? 'duplicate' : 'conflict';
  return { verdict: { kind, entry, first: key.offset }, after: key };
}

function judgeVoid<E extends OnceCounted>(entry: WithoutEvent<E>, key: CountedKey | null): Step<E> {
  const { offset, appendedAt } = entry;
  if (key === null) {
    const after = { offset, content: '', time: appendedAt, voidedAt: offset };
    return { verdict: { kind: 'awaits', entry }, after };
  }
  if (key.voidedAt === offset) {
    const voids = standing(key, { offset, isVoid: true }) === 'voids';
    const verdict = voids
      ? ({ kind: 'voids', entry, of: key.offset } as const)
      : ({ kind: 'awaits', entry } as const);
    return { verdict, after: key };
  }
  if (key.voidedAt !== null) {
    return { verdict: { kind: 'repeated', entry, first: key.voidedAt }, after: key };
  }
  const after = { ...key, time: Math.max(key.time, appendedAt), voidedAt: offset };
  return { verdict: { kind: 'voids', entry, of: key.offset }, after };
}

/**
 * What an entry was, by its identity's key alone, however long ago that was decided; null: it
 * changed nothing. An event that was voided before it came stands behind its void.
 */
export function standing(
  key: CountedKey,
  { offset, isVoid: voids }: { readonly offset: bigint; readonly isVoid: boolean },
): 'counts' | 'voided' | 'voids' | null {
  if (voids) return key.voidedAt === offset && key.offset < offset ? 'voids' : null;
  if (key.offset !== offset || key.content === '') return null;
  return key.voidedAt !== null && key.voidedAt < offset ? 'voided' : 'counts';
}
