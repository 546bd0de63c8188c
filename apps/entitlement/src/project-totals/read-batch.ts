import { QUARANTINE_REASONS, readLogEntry } from '@tallyward/contracts';
import {
  identityText,
  type LoggedEvent,
  type LoggedVoid,
  USAGE_PARTITIONS,
  type UsageEvent,
} from '@tallyward/domain';
import { type Log, type LogBatch, type LogEntry, partitionOf } from '@tallyward/platform';
import { contentKey, identityKey } from './digests';
import type { ParkedEntry } from '../storage/quarantine/park-entries';

/** An event that may count, with its identity as keys store it (32 hex digits). */
export interface Candidate extends LoggedEvent {
  readonly identity: string;
}

/** A void that may take an event back, with that event's identity. */
export interface VoidCandidate extends LoggedVoid {
  readonly identity: string;
}

/** A batch of the log, believed where it deserves it. */
export interface ReadBatch {
  readonly topic: string;
  readonly partition: number;
  readonly identity: string;
  /** Offset of its first entry. */
  readonly from: bigint;
  /** Offset after its last entry. */
  readonly next: bigint;
  /** Greatest append time in it, epoch ms. */
  readonly reached: number;
  readonly candidates: readonly (Candidate | VoidCandidate)[];
  readonly parked: readonly ParkedEntry[];
  /** The entries as they came, for what is set aside later. */
  readonly entries: readonly LogEntry[];
}

const partitionOfKey = (key: string): number => partitionOf(key, USAGE_PARTITIONS);

export function readBatch(
  batch: Pick<LogBatch, 'topic' | 'partition' | 'identity' | 'entries' | 'next'>,
): ReadBatch {
  const { topic, partition, identity, entries, next } = batch;
  const candidates: (Candidate | VoidCandidate)[] = [];
  const parked: ParkedEntry[] = [];
  let reached = 0;
  for (const entry of entries) {
    const { offset, appendedAt, key, value } = entry;
    reached = Math.max(reached, appendedAt);
    const read = readLogEntry({ partition, offset, appendedAt, key, value }, partitionOfKey);
    if (read.kind === 'event') candidates.push(candidateOf(read.entry));
    else if (read.kind === 'void') {
      const identity = identityKey(identityText(read.entry.voids));
      candidates.push({ ...read.entry, identity });
    } else parked.push({ ...placeOf(batch, entry), ...read });
  }
  const [first] = entries;
  if (!first) throw new Error(`an empty batch of partition ${partition}`);
  return {
    topic,
    partition,
    identity,
    from: first.offset,
    next,
    reached,
    candidates,
    parked,
    entries,
  };
}

/**
 * The most voids of one transaction: of each, the event is read at its place in the log while the
 * transaction waits (18 ms each on a quiet machine), which Postgres allows for some seconds.
 */
export const MOST_VOIDS = 20;

/** A batch cut into such as have no more voids than one transaction takes: mostly it is one. */
export function inParts(batch: ReadBatch): ReadBatch[] {
  const voids = batch.candidates.filter(({ event }) => event === null);
  if (voids.length <= MOST_VOIDS) return [batch];
  const ends = voids.filter((_, n) => n % MOST_VOIDS === MOST_VOIDS - 1).map((one) => one.offset);
  const bounds = [...ends.map((offset) => offset + 1n), batch.next];
  return bounds.flatMap((next, n) => {
    const from = n === 0 ? batch.from : (bounds[n - 1] ?? batch.from);
    return next > from ? [partOf(batch, from, next)] : [];
  });
}

function partOf(batch: ReadBatch, from: bigint, next: bigint): ReadBatch {
  const within = ({ offset }: { readonly offset: bigint }) => offset >= from && offset < next;
  const entries = batch.entries.filter(within);
  return {
    ...batch,
    from,
    next,
    reached: entries.reduce((latest, { appendedAt }) => Math.max(latest, appendedAt), 0),
    candidates: batch.candidates.filter(within),
    parked: batch.parked.filter(within),
    entries,
  };
}

/** Reads single entries of the log again. */
export type ReadAt = Log['readAt'];

/** The events that stand at these places, by offset: of the batch, or read in the log. */
export async function eventsAt(
  { topic, partition, candidates }: ReadBatch,
  offsets: readonly bigint[],
  readAt: ReadAt,
): Promise<Map<bigint, UsageEvent>> {
  const found = new Map<bigint, UsageEvent>();
  if (offsets.length === 0) return found;
  for (const { offset, event } of candidates) if (event) found.set(offset, event);
  const away = offsets.filter((offset) => !found.has(offset));
  for (const entry of away.length > 0 ? await readAt({ topic, partition, offsets: away }) : []) {
    const read = readLogEntry({ partition, ...entry }, partitionOfKey);
    if (read.kind === 'event') found.set(entry.offset, candidateOf(read.entry).event);
  }
  return found;
}

function candidateOf({ partition, offset, appendedAt, event }: LoggedEvent): Candidate {
  return {
    partition,
    offset,
    appendedAt,
    event: { ...event, content: contentKey(event.content) },
    identity: identityKey(identityText(event)),
  };
}

function placeOf(
  { topic, partition }: Pick<LogBatch, 'topic' | 'partition'>,
  { offset, key, appendedAt, value }: LogEntry,
): Pick<ParkedEntry, 'topic' | 'partition' | 'offset' | 'key' | 'appendedAt' | 'value'> {
  return { topic, partition, offset, key, appendedAt, value };
}

/** What dedup sets aside: the same identity with other content than what counted. */
export function conflicts(
  batch: ReadBatch,
  verdicts: readonly { readonly entry: Candidate; readonly first: bigint }[],
): ParkedEntry[] {
  if (verdicts.length === 0) return [];
  const entries = new Map(batch.entries.map((entry) => [entry.offset, entry]));
  return verdicts.map(({ entry: { offset, event }, first }) => {
    const entry = entries.get(offset);
    if (!entry) throw new Error(`offset ${offset} is not in its own batch`);
    return {
      ...placeOf(batch, entry),
      project: event.project,
      reason: 'id-conflict',
      detail: `${QUARANTINE_REASONS['id-conflict']} It stands at offset ${first}.`,
    };
  });
}
