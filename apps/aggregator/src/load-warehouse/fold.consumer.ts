import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { Readiness, type Follower, type FollowLimits, type Log } from '@tallyward/platform';
import { inFoldSpan } from './fold-spans';
import { MAX_BATCH_ENTRIES } from './form-batch';
import type { OwnedPartitions } from './owned-partitions';

/**
 * A small insert costs much of what a large one does, so the broker gathers: it answers when it has
 * this many bytes, or after a second. A dead ClickHouse is waited for, a restart would not mend it.
 */
const LIMITS: Partial<FollowLimits> = {
  maxBatchEntries: MAX_BATCH_ENTRIES,
  minBytes: 2 * 1024 * 1024,
  maxWaitMs: 1_000,
  concurrentPartitions: 6,
  exitAfterFailingMs: 24 * 3_600_000,
};

/** What a fold follows, and what its member of the group and its readiness are called. */
export interface Followed {
  readonly topic: string;
  readonly group: string;
  readonly check: string;
}

/** The edge of a fold into ClickHouse: a topic of the log, partition by partition. */
export class FoldConsumer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly follower: Follower;

  constructor(
    private readonly followed: Followed,
    log: Log,
    private readonly partitions: OwnedPartitions,
    fatal: (error: Error) => void,
  ) {
    this.follower = log.follow({
      topics: [followed.topic],
      group: followed.group,
      position: (_topic, partition) => partitions.of(partition).position(),
      onBatch: (batch) => inFoldSpan(batch, () => partitions.take(batch)),
      onRevoked: (revoked) =>
        revoked.forEach(({ partition }) => partitions.of(partition).revoked()),
      onFatal: fatal,
      limits: LIMITS,
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.partitions.recover();
    await this.follower.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.partitions.stop();
    await this.follower.stop();
  }

  /** Why the fold is not moving, where it should be. */
  addTo(readiness: Readiness): void {
    readiness.add(this.followed.check, () => {
      const reasons = [...this.follower.health().reasons, ...this.partitions.faults()];
      return reasons.length === 0 ? { ok: true } : { ok: false, detail: reasons.join('; ') };
    });
  }
}
