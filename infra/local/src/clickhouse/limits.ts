/** Every bound of the ClickHouse server, by name. The README's table repeats them. */
export interface Limits {
  /** Queries that run in the engine at once; each holds one pipe and one worker thread. */
  readonly maxRunningQueries: number;
  /** Queries that wait for a place; beyond it 503 with code 202. */
  readonly maxQueuedQueries: number;
  /** How long a query waits for a place before it gets the same answer. */
  readonly maxQueueMs: number;
  /** A request's body, as sent and as unpacked; beyond it 413. */
  readonly maxBodyBytes: number;
  /** The body has arrived by then, or the connection ends. */
  readonly bodyWithinMs: number;
  /** A request's line and headers together (a `query=` parameter lies in there). */
  readonly maxHeadBytes: number;
  /** Answers up to this size carry their full summary and a clean status, also when they fail. */
  readonly answerBufferBytes: number;
  /** The same with `wait_end_of_query=1`. */
  readonly waitEndBufferBytes: number;
  /** max_execution_time where the request sets none, and the most it may set. */
  readonly maxExecutionSeconds: number;
  /** A query that still runs so long behind that, cancelled or not, ends the process. */
  readonly wedgedAfterMs: number;
  /** Sessions (`session_id`) that are kept at once. */
  readonly maxSessions: number;
  readonly sessionTimeoutSeconds: number;
  readonly maxSessionTimeoutSeconds: number;
  /** A graceful stop waits this long for running queries, then cancels them. */
  readonly stopWithinMs: number;
  /** A client that takes nothing for so long is cut off, and its query cancelled. */
  readonly clientStallMs: number;
  /** The engine's memory: one query's, and all queries' together. */
  readonly maxMemoryPerQueryBytes: number;
  readonly maxMemoryBytes: number;
}

const MIB = 1024 * 1024;

export const LIMITS: Limits = {
  maxRunningQueries: 8,
  maxQueuedQueries: 128,
  maxQueueMs: 30_000,
  maxBodyBytes: 128 * MIB,
  bodyWithinMs: 60_000,
  maxHeadBytes: MIB,
  answerBufferBytes: MIB,
  waitEndBufferBytes: 64 * MIB,
  maxExecutionSeconds: 300,
  wedgedAfterMs: 30_000,
  maxSessions: 64,
  sessionTimeoutSeconds: 60,
  maxSessionTimeoutSeconds: 3_600,
  stopWithinMs: 10_000,
  clientStallMs: 60_000,
  maxMemoryPerQueryBytes: 2_048 * MIB,
  maxMemoryBytes: 4_096 * MIB,
};

/** Threads beside the running queries: gzip and the short statements before each query. */
export const SPARE_THREADS = 4;
