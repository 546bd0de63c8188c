/** Value null is a tombstone. Key decides the partition: murmur2(key) % partitions. */
export interface Entry {
  key: string;
  value: Buffer | string | null;
  headers?: Record<string, string>;
}

export interface Place {
  topic: string;
  partition: number;
  offset: bigint;
}

/**
 * What became of one entry. `acked`: all in-sync replicas have it, at that place. `unknown`: it
 * may have been sent
 * and may be in the log, once or more: append the same entry again. `refused`: it is certainly not
 * in the log.
 */
export type AppendOutcome =
  | { kind: 'acked'; place: Place }
  | { kind: 'unknown'; reason: string }
  | { kind: 'refused'; reason: 'overloaded' | 'too-large' | 'not-sent' | 'closed' };

export interface AppenderLoad {
  queuedBytes: number;
  queuedEntries: number;
  inFlight: number;
  /** 0 … 1: the fuller of the two bounds of the queue. */
  fullness: number;
  /** False from a failed or timed-out request until the next acked one. */
  healthy: boolean;
}

export interface Appender {
  /** One outcome per entry, in the order given. Never rejects for a broker's sake. */
  append(topic: string, entries: Entry[]): Promise<AppendOutcome[]>;
  load(): AppenderLoad;
  /** Waits for what is queued, at most the append deadline. */
  close(): Promise<void>;
}

export interface AppendLimits {
  /** The longest an entry waits for company. */
  lingerMs: number;
  /**
   * A partition is sent at once from this many entries or bytes on; one request carries no more of
   * it.
   */
  maxBatchEntries: number;
  maxBatchBytes: number;
  /** Above this, appends are refused (`overloaded`) before anything of them is queued. */
  maxQueuedEntries: number;
  maxQueuedBytes: number;
  maxEntryBytes: number;
  /** From append() to its answer, whatever the broker does. */
  appendDeadlineMs: number;
  maxRequestsInFlight: number;
}
