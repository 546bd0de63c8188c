import type { RawEntry } from '@tallyward/contracts';
import { countOnce, standing, type CountedKey, type UsageVoid } from '@tallyward/domain';
import type { LogEntry } from '@tallyward/platform';

/** The most entries that one insert is formed of. */
export const MAX_BATCH_ENTRIES = 10_000;
/** The most bytes of rows in one insert; a single larger row goes alone. */
export const MAX_BATCH_BYTES = 8 * 1024 * 1024;

/** The most voids in one batch: of each, the event is read at its place in the log. */
export const MAX_BATCH_VOIDS = 200;

/** Where an entry stands, and its identity as hex. */
interface Keyed {
  readonly partition: number;
  readonly offset: bigint;
  readonly appendedAt: number;
  readonly identity: string;
}

/** What the log says once, with its row for ClickHouse. */
export interface KeyedEvent extends Keyed {
  readonly event: { readonly content: string; readonly time: number };
  readonly row: string;
}

/** What takes an event back. */
export interface KeyedVoid extends Keyed {
  readonly event: null;
  readonly voids: UsageVoid;
}

/** Makes a row of an entry, or says why it is set aside. It depends on the entry alone. */
export type ReadRow<E extends KeyedEvent = KeyedEvent> = (
  raw: RawEntry,
) =>
  | { readonly kind: 'row'; readonly event: E }
  | { readonly kind: 'void'; readonly event: KeyedVoid }
  | { readonly kind: 'park'; readonly reason: string };

export interface Parked {
  readonly partition: number;
  readonly offset: bigint;
  readonly appendedAt: number;
  readonly reason: string;
}

/** Consecutive entries of one partition, read and with their rows; not yet looked up. */
export interface FormedBatch<E extends KeyedEvent = KeyedEvent> {
  readonly partition: number;
  readonly from: bigint;
  /** One past the last offset that this batch answers for. */
  readonly to: bigint;
  readonly events: readonly (E | KeyedVoid)[];
  readonly parked: readonly Parked[];
  /** Largest append time in it, epoch ms. */
  readonly reachedAt: number;
}

export interface BatchSource {
  readonly partition: number;
  readonly from: bigint;
  /** One past the last offset that `entries` answer for. */
  readonly to: bigint;
  /** Ascending offsets from `from` on; never empty. */
  readonly entries: readonly LogEntry[];
}

export interface BatchLimits {
  readonly entries: number;
  readonly bytes: number;
  readonly voids: number;
}
const BATCH_LIMITS: BatchLimits = {
  entries: MAX_BATCH_ENTRIES,
  bytes: MAX_BATCH_BYTES,
  voids: MAX_BATCH_VOIDS,
};
/** For a range whose bounds were chosen before: an open intent's. */
export const AS_IT_WAS: BatchLimits = { entries: Infinity, bytes: Infinity, voids: Infinity };

/** Forms a batch of the source's first entries, up to the limits; what is left is another batch. */
export function formBatch<E extends KeyedEvent>(
  { partition, from, to, entries }: BatchSource,
  readRow: ReadRow<E>,
  limits: BatchLimits = BATCH_LIMITS,
): FormedBatch<E> {
  const events: (E | KeyedVoid)[] = [];
  const parked: Parked[] = [];
  let reachedAt = 0;
  let bytes = 0;
  let voids = 0;
  for (const [index, entry] of entries.entries()) {
    const { offset, appendedAt } = entry;
    if (index === limits.entries) return result(offset);
    const read = readRow({ partition, ...entry });
    if (read.kind === 'row') {
      const { event } = read;
      bytes += Buffer.byteLength(event.row);
      if (bytes > limits.bytes && events.length > 0) return result(offset);
      events.push(event);
    } else if (read.kind === 'void') {
      if (voids === limits.voids) return result(offset);
      voids += 1;
      events.push(read.event);
    } else parked.push({ partition, offset, appendedAt, reason: read.reason });
    reachedAt = Math.max(reachedAt, appendedAt);
  }
  return result(to);

  function result(end: bigint): FormedBatch<E> {
    return { partition, from, to: end, events, parked, reachedAt };
  }
}

/** The rows of its events, as if nothing of it had come before. */
export function rowsIn({ events }: Pick<FormedBatch, 'events'>): string[] {
  return events.flatMap((entry) => (entry.event === null ? [] : [entry.row]));
}

/** A key as the store has it. */
export interface StoredKey extends CountedKey {
  readonly partition: number;
}
export type StoredKeys = ReadonlyMap<string, StoredKey>;

/** The later of an event and its void, and where the other stands: together they are nothing. */
export interface Pair<E extends KeyedEvent = KeyedEvent> {
  readonly later: E | KeyedVoid;
  readonly earlier: bigint;
}

/** What of a batch becomes rows, or is summed. */
export interface Folded<E extends KeyedEvent = KeyedEvent> {
  readonly counted: readonly E[];
  readonly pairs: readonly Pair<E>[];
}

/** A batch after its keys were looked up: what counts, what is taken back, and what neither. */
export interface CountedBatch<E extends KeyedEvent = KeyedEvent> extends FormedBatch<E>, Folded<E> {
  /** The keys that it made or changed, by identity. */
  readonly changed: ReadonlyMap<string, CountedKey>;
  /** Identities of those that stood under another key before. */
  readonly reused: readonly string[];
  readonly duplicates: number;
}

/**
 * Decides what counts. The batch ends before an entry that would take the place of a key of the
 * same batch (an id used again past the horizon): one key can't vouch for two rows; and before one
 * pair too many, since of each the earlier one may have to be read.
 */
export function countBatch<E extends KeyedEvent>(
  batch: FormedBatch<E>,
  known: StoredKeys,
): CountedBatch<E> {
  const counted: E[] = [];
  const pairs: Pair<E>[] = [];
  const parked = [...batch.parked];
  const met = new Set<string>();
  let duplicates = 0;
  const { verdicts, changed } = countOnce<E | KeyedVoid>(batch.events, identityOf, known);
  for (const verdict of verdicts) {
    const { identity, partition, offset, appendedAt }: Keyed = verdict.entry as E | KeyedVoid;
    const begins = verdict.kind === 'counts' || verdict.kind === 'awaits';
    const pairsUp = verdict.kind === 'voids' || verdict.kind === 'voided';
    if ((begins && met.has(identity)) || (pairsUp && pairs.length === MAX_BATCH_VOIDS)) {
      return countBatch(cutAt(batch, offset), known);
    }
    if (verdict.kind === 'duplicate' || verdict.kind === 'repeated') duplicates += 1;
    else if (verdict.kind === 'conflict') {
      parked.push({ partition, offset, appendedAt, reason: 'id-conflict' });
    } else met.add(identity);
    if (verdict.kind === 'counts') counted.push(verdict.entry as E);
    if (verdict.kind === 'voided') pairs.push({ later: verdict.entry as E, earlier: verdict.by });
    if (verdict.kind === 'voids') pairs.push({ later: verdict.entry, earlier: verdict.of });
  }
  const reused = [...changed.keys()].filter((identity) => known.has(identity));
  return { ...batch, parked, counted, pairs, changed, reused, duplicates };
}

const identityOf = ({ identity }: Keyed): string => identity;

function cutAt<E extends KeyedEvent>(batch: FormedBatch<E>, to: bigint): FormedBatch<E> {
  const events = batch.events.filter(({ offset }) => offset < to);
  const parked = batch.parked.filter(({ offset }) => offset < to);
  const reachedAt = Math.max(...[...events, ...parked].map(({ appendedAt }) => appendedAt));
  return { ...batch, to, events, parked, reachedAt };
}

/**
 * What counted of a batch whose keys were stored before a crash, and what was taken back: an entry
 * was what its key says at this partition and offset (PROTOCOL 22). Deciding anew would not do: the
 * key that made an entry a conflict may have been pruned since.
 */
export function reformBatch<E extends KeyedEvent>(
  batch: FormedBatch<E>,
  known: StoredKeys,
): Folded<E> {
  const counted: E[] = [];
  const pairs: Pair<E>[] = [];
  for (const entry of batch.events) {
    const key = known.get(entry.identity);
    if (key?.partition !== entry.partition) continue;
    const was = standing(key, { offset: entry.offset, isVoid: entry.event === null });
    if (was === 'counts') counted.push(entry as E);
    else if (was === 'voided') pairs.push({ later: entry, earlier: key.voidedAt ?? entry.offset });
    else if (was === 'voids') pairs.push({ later: entry, earlier: key.offset });
  }
  return { counted, pairs };
}
