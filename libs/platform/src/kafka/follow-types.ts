import { LogFault } from './log-fault';

/**
 * `clusterId/topicId`: changes when the topic is deleted and made again, or the cluster is another
 * one.
 */
export type TopicIdentity = string;

/** One entry as it stands in the log. */
export interface LogEntry {
  offset: bigint;
  key: string | null;
  value: Buffer | null;
  headers: Record<string, string>;
  /** The broker's clock at the append, epoch ms (LogAppendTime). */
  appendedAt: number;
}

export interface LogBatch {
  topic: string;
  partition: number;
  identity: TopicIdentity;
  /** What the store must still say for this batch to count: compare, and set to `next`. */
  from: bigint;
  /**
   * Ascending offsets; gaps where the log was compacted or a transaction marker stands. Never
   * empty.
   */
  entries: LogEntry[];
  /** The offset to store: one past the last entry of this batch. */
  next: bigint;
  highWatermark: bigint;
  /**
   * Keeps the membership in a long handler; throws nothing. Called for you every few seconds as
   * well.
   */
  heartbeat(): Promise<void>;
  /**
   * True once another member may own the partition: stop, and store nothing. The store's fence
   * decides.
   */
  isRevoked(): boolean;
}

/**
 * The store's own position: the next offset to read, and the topic it was counted in (null: never
 * stored).
 */
export interface StoredPosition {
  next: bigint;
  identity: TopicIdentity | null;
}

export interface Assignment {
  topic: string;
  partition: number;
}

export interface FollowOptions {
  topics: string[];
  group: string;
  /** Asked at every assignment and before every new try; the group's own offsets are never used. */
  position(topic: string, partition: number): Promise<StoredPosition>;
  /** Handles and stores, in one transaction. Throws: the entries come again after a back-off. */
  onBatch(batch: LogBatch): Promise<void>;
  onAssigned?(assigned: Assignment[]): void | Promise<void>;
  onRevoked?(revoked: Assignment[]): void | Promise<void>;
  /**
   * Called once when following cannot go on: end the process (exit code 1) and let the supervisor
   * restart it.
   */
  onFatal(fault: LogFault): void;
  limits?: Partial<FollowLimits>;
}

export interface FollowLimits {
  /** Entries handed to one onBatch call. */
  maxBatchEntries: number;
  /** Bytes fetched per partition and request. */
  maxBatchBytes: number;
  /** Longest wait of a fetch for minBytes. */
  maxWaitMs: number;
  minBytes: number;
  /** Handlers running at once, each on a partition of its own. */
  concurrentPartitions: number;
  sessionTimeoutMs: number;
  /** Back-off after a throwing handler: doubles from the first to the second. */
  retryFromMs: number;
  retryToMs: number;
  /** No progress with lag for this long: unhealthy. */
  stalledAfterMs: number;
  /** No progress with lag for this long: the client is dropped and made anew. */
  reconnectAfterMs: number;
  /** No progress with lag for this long: onFatal. */
  exitAfterMs: number;
  /**
   * The same while a handler keeps throwing: its dependency is away, and a restart seldom helps.
   */
  exitAfterFailingMs: number;
  /** How often the watchdog looks. */
  watchEveryMs: number;
}

export interface PartitionLag {
  topic: string;
  partition: number;
  /** Next offset to handle. */
  next: bigint;
  /** The log's end as last seen by the watchdog. */
  end: bigint;
  lag: bigint;
}

export interface FollowerHealth {
  healthy: boolean;
  /** Why not, one line each. */
  reasons: string[];
  assigned: number;
}

export interface Follower {
  start(): Promise<void>;
  /** Lets running batches end (bounded), leaves the group. */
  stop(): Promise<void>;
  lag(): PartitionLag[];
  health(): FollowerHealth;
}

/**
 * What a fold answers for one entry. The fold's own transaction is the one place that acts on it.
 */
export type StepAnswer =
  { kind: 'ok' } | { kind: 'drop'; reason: string } | { kind: 'park'; reason: string };
