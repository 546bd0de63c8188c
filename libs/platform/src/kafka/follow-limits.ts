import { FollowLimits } from './follow-types';

export const FOLLOW_LIMITS: FollowLimits = {
  maxBatchEntries: 5_000,
  maxBatchBytes: 1024 * 1024,
  maxWaitMs: 100,
  minBytes: 1,
  concurrentPartitions: 4,
  // How long the partitions of a process that died wait for the next owner. The shortest that a
  // broker takes unasked (group.min.session.timeout.ms is 6 s), and ten heartbeats long: a pause of
  // 5 s on a loaded machine is survived. One that is longer costs a rebalance and a slice folded
  // for nothing, never exactness: the fence is in the store.
  sessionTimeoutMs: 6_000,
  retryFromMs: 100,
  retryToMs: 5_000,
  // With a look before and one after it, and 5 s for a look at a log that is silent: visible well
  // within 15 s.
  stalledAfterMs: 6_000,
  reconnectAfterMs: 20_000,
  exitAfterMs: 60_000,
  exitAfterFailingMs: 600_000,
  watchEveryMs: 2_000,
};

/**
 * One fetch may bring so many partitions full: all of the log. The broker fills them in an order of
 * chance; one that found no room in several fetches would seem to stand still.
 */
export const MAX_FETCH_PARTITIONS_FULL = 12;
export const REBALANCE_TIMEOUT_MS = 60_000;
export const STOP_DEADLINE_MS = 15_000;
/** How long the store may take to tell its position. */
export const POSITION_DEADLINE_MS = 15_000;
