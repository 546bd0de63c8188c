import type { RawEntry } from '@tallyward/contracts';
import { countOnce, type CountedKey, type OnceCounted } from '@tallyward/domain';
import type { LogEntry } from '@tallyward/platform';

/** The most entries that one insert is formed of. */
export const MAX_BATCH_ENTRIES = 10_000;
/** The most bytes of rows in one insert; a single larger row goes alone. */
export const MAX_BATCH_BYTES = 8 * 1024 * 1024;

/** What the log says once, with its identity as hex and its row for ClickHouse. */
export interface KeyedEvent extends OnceCounted {
  readonly partition: number;
  readonly identity: string;
  readonly row: string;
}

/** Makes a row of an entry, or says why it is set aside. It depends on the entry alone. */
export type ReadRow<E extends KeyedEvent = KeyedEvent> = (
  raw: RawEntry,
) =>
  { readonly kind: 'row'; readonly event: E } | { readonly kind: 'park'; readonly reason: string };

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
  readonly events: readonly E[];
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
}
const BATCH_LIMITS: BatchLimits = { entries: MAX_BATCH_ENTRIES, bytes: MAX_BATCH_BYTES };
/** For a range whose bounds were chosen before: an open intent's. */
export const AS_IT_WAS: BatchLimits = { entries: Infinity, bytes: Infinity };

/** Forms a batch of the source's first entries, up to the limits; what is left is another batch. */
export function formBatch<E extends KeyedEvent>(
  { partition, from, to, entries }: BatchSource,
  readRow: ReadRow<E>,
  limits: BatchLimits = BATCH_LIMITS,
): FormedBatch<E> {
  const events: E[] = [];
  const parked: Parked[] = [];
  let reachedAt = 0;
  let bytes = 0;
  for (const [index, entry] of entries.entries()) {
    const { offset, appendedAt } = entry;
    if (index === limits.entries) return result(offset);
    const read = readRow({ partition, ...entry });
    if (read.kind === 'row') {
      const { event } = read;
      bytes += Buffer.byteLength(event.row);
      if (bytes > limits.bytes && events.length > 0) return result(offset);
      events.push(event);
    } else parked.push({ partition, offset, appendedAt, reason: read.reason });
    reachedAt = Math.max(reachedAt, appendedAt);
  }
  return result(to);

  function result(end: bigint): FormedBatch<E> {
    return { partition, from, to: end, events, parked, reachedAt };
  }
}

/** A key as the store has it. */
export interface StoredKey extends CountedKey {
  readonly partition: number;
}
export type StoredKeys = ReadonlyMap<string, StoredKey>;

/** A batch after its keys were looked up: what counts, and what doesn't. */
export interface CountedBatch<E extends KeyedEvent = KeyedEvent> extends FormedBatch<E> {
  readonly counted: readonly E[];
  /** Identities whose old key, past its horizon, gives way to this batch's. */
  readonly reused: readonly string[];
  readonly duplicates: number;
}

/**
 * Decides what counts. The batch ends before an entry that would take the place of a key of the
 * same batch (an id used again past the horizon): one key can't vouch for two rows.
 */
export function countBatch<E extends KeyedEvent>(
  batch: FormedBatch<E>,
  known: StoredKeys,
): CountedBatch<E> {
  const counted = new Map<string, E>();
  const parked = [...batch.parked];
  const reused: string[] = [];
  let duplicates = 0;
  for (const verdict of countOnce(batch.events, identityOf, known)) {
    const event = verdict.entry;
    const { identity, partition, offset, appendedAt } = event;
    if (verdict.kind === 'duplicate') duplicates += 1;
    else if (verdict.kind === 'conflict') {
      parked.push({ partition, offset, appendedAt, reason: 'id-conflict' });
    } else if (counted.has(identity)) return countBatch(cutAt(batch, offset), known);
    else {
      counted.set(identity, event);
      if (known.has(identity)) reused.push(identity);
    }
  }
  return { ...batch, parked, counted: [...counted.values()], reused, duplicates };
}

const identityOf = ({ identity }: KeyedEvent): string => identity;

function cutAt<E extends KeyedEvent>(batch: FormedBatch<E>, to: bigint): FormedBatch<E> {
  const events = batch.events.filter(({ offset }) => offset < to);
  const parked = batch.parked.filter(({ offset }) => offset < to);
  const reachedAt = Math.max(...[...events, ...parked].map(({ appendedAt }) => appendedAt));
  return { ...batch, to, events, parked, reachedAt };
}

/**
 * What counted of a batch whose keys were stored before a crash: a row counts iff its key stands at
 * this partition and offset (PROTOCOL 22). Deciding anew would not do: the key that made an entry a
 * conflict may have been pruned since.
 */
export function reformBatch(batch: FormedBatch, known: StoredKeys): readonly KeyedEvent[] {
  return batch.events.filter(({ identity, partition, offset }) => {
    const key = known.get(identity);
    return key !== undefined && key.partition === partition && key.offset === offset;
  });
}
