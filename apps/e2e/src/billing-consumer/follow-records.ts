import { TOPICS } from '@tallyward/contracts';
import type { Follower, Log, LogFault, StoredPosition } from '@tallyward/platform';
import { readBatch, type RecordBatch } from './read-batch';

/** Names your system among the readers of the topic. Of it, Kafka keeps no offsets. */
export const GROUP = 'billing-consumer';
/** Records of one transaction. */
const BATCH_ENTRIES = 1_000;

/** What a store must do: `take` stores effects and position as one, and throws Fenced. */
export interface RecordStore {
  position(topic: string, partition: number): Promise<StoredPosition>;
  take(batch: RecordBatch): Promise<void>;
}

/**
 * Follows the billing records. Each entry is read at least once and, by the store's position and
 * the records' ids, counted once. Any number of processes may follow: they share the partitions.
 */
export function followRecords(
  log: Log,
  store: RecordStore,
  onFatal: (fault: LogFault) => void,
): Follower {
  return log.follow({
    topics: [TOPICS.billingRecords.name],
    group: GROUP,
    position: (topic, partition) => store.position(topic, partition),
    onBatch: (batch) => store.take(readBatch(batch)),
    onFatal,
    limits: { maxBatchEntries: BATCH_ENTRIES },
  });
}
