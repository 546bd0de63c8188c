import {
  encodeLogEntry,
  encodeVoidEntry,
  type LogEntry as LoggedValue,
  TOPICS,
} from '@tallyward/contracts';
import { partitionKey, USAGE_PARTITIONS } from '@tallyward/domain';
import { type LogBatch, type LogEntry, partitionOf } from '@tallyward/platform';
import { hash } from 'node:crypto';
import type { Candidate, ReadAt, ReadBatch } from './read-batch';

/** For specs: entries and batches of the usage log; what is not given has a plain value. */
export const NOW = Date.parse('2026-11-21T10:15:30.123Z');
export const IDENTITY = 'cluster/topic';

export type GivenEntry = Partial<Omit<LoggedValue, 'content'>> & {
  readonly offset: bigint;
  readonly appendedAt?: number;
  /** What the client sent, in short. */
  readonly sent?: string;
};

export function usageEntry({
  offset,
  appendedAt = NOW,
  sent = 'x',
  ...given
}: GivenEntry): LogEntry {
  const { project = 'demo', customer = 'acme', time = appendedAt } = given;
  const value: LoggedValue = {
    project,
    customer,
    source: 'app',
    id: `e${offset}`,
    time,
    receivedAt: appendedAt,
    catalogueVersion: 1,
    content: hash('sha256', sent, 'hex'),
    model: 'gpt-4o',
    modelGroup: 'premium',
    workspace: '',
    user: '',
    role: '',
    inputTokens: 10,
    outputTokens: 5,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    reasoningTokens: 0,
    images: 0,
    toolCalls: 0,
    tags: {},
    ...given,
  };
  const key = partitionKey(project, customer);
  return rawEntry({ offset, appendedAt, key, value: Buffer.from(encodeLogEntry(value)) });
}

export function rawEntry(given: Partial<LogEntry> & { readonly offset: bigint }): LogEntry {
  return { key: null, value: null, headers: {}, appendedAt: NOW, ...given };
}

/** The partition a customer of project `demo` belongs to. */
export function homeOf(customer: string, project = 'demo'): number {
  return partitionOf(partitionKey(project, customer), USAGE_PARTITIONS);
}

/** As many customers as asked for whose home is this partition. */
export function customersOf(partition: number, count: number): string[] {
  const found: string[] = [];
  for (let i = 0; found.length < count; i += 1) {
    if (homeOf(`c${i}`) === partition) found.push(`c${i}`);
  }
  return found;
}

export function batchOf(
  partition: number,
  entries: LogEntry[],
  given: Partial<LogBatch> = {},
): LogBatch {
  const next = (entries.at(-1)?.offset ?? -1n) + 1n;
  return {
    topic: TOPICS.usageEvents.name,
    partition,
    identity: IDENTITY,
    from: entries[0]?.offset ?? 0n,
    entries,
    next,
    highWatermark: next,
    heartbeat: async () => undefined,
    isRevoked: () => false,
    ...given,
  };
}

/** A void of an event that a spec's application sent. */
export function voidOf(
  id: string,
  {
    offset,
    appendedAt = NOW,
    customer = 'acme',
  }: Pick<GivenEntry, 'offset' | 'appendedAt' | 'customer'>,
): LogEntry {
  const at = { project: 'demo', customer, source: 'app', id };
  const voids = { ...at, reason: 'test', actor: 'spec', receivedAt: appendedAt };
  const value = Buffer.from(encodeVoidEntry(voids));
  return { ...rawEntry({ offset, appendedAt }), key: partitionKey('demo', customer), value };
}

/** For folds of logs without voids: nothing is read again. */
export const NEVER_READ: ReadAt = () => Promise.reject(new Error('nothing is voided here'));

/** The events that a batch holds. */
export const eventsIn = ({ candidates }: ReadBatch): Candidate[] =>
  candidates.filter((one): one is Candidate => one.event !== null);
