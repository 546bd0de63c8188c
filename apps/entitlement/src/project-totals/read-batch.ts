import { QUARANTINE_REASONS, readLogEntry } from '@tallyward/contracts';
import { identityText, type LoggedEvent, USAGE_PARTITIONS } from '@tallyward/domain';
import { type LogBatch, type LogEntry, partitionOf } from '@tallyward/platform';
import { contentKey, identityKey } from './digests';
import type { ParkedEntry } from '../storage/quarantine/park-entries';

/** An event that may count, with its identity as keys store it (32 hex digits). */
export interface Candidate extends LoggedEvent {
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
  readonly candidates: readonly Candidate[];
  readonly parked: readonly ParkedEntry[];
  /** The entries as they came, for what is set aside later. */
  readonly entries: readonly LogEntry[];
}

const partitionOfKey = (key: string): number => partitionOf(key, USAGE_PARTITIONS);

export function readBatch(
  batch: Pick<LogBatch, 'topic' | 'partition' | 'identity' | 'entries' | 'next'>,
): ReadBatch {
  const { topic, partition, identity, entries, next } = batch;
  const candidates: Candidate[] = [];
  const parked: ParkedEntry[] = [];
  let reached = 0;
  for (const entry of entries) {
    const { offset, appendedAt, key, value } = entry;
    reached = Math.max(reached, appendedAt);
    const read = readLogEntry({ partition, offset, appendedAt, key, value }, partitionOfKey);
    if (read.kind === 'event') candidates.push(candidateOf(read.entry));
    else parked.push({ ...placeOf(batch, entry), ...read });
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
