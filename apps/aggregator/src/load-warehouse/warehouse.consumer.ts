import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { TOPICS } from '@tallyward/contracts';
import { Readiness, type Follower, type FollowLimits, type Log } from '@tallyward/platform';
import { FATAL, LOG_PORT } from '../resources';
import { inFoldSpan } from './fold-spans';
import { MAX_BATCH_ENTRIES } from './form-batch';
import { OwnedPartitions } from './owned-partitions';

export const GROUP = 'aggregator.warehouse';

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

/** The edge of the warehouse fold: the usage log, partition by partition. */
@Injectable()
export class WarehouseConsumer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly follower: Follower;

  constructor(
    @Inject(LOG_PORT) log: Log,
    private readonly partitions: OwnedPartitions,
    @Inject(FATAL) fatal: (error: Error) => void,
  ) {
    this.follower = log.follow({
      topics: [TOPICS.usageEvents.name],
      group: GROUP,
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
    readiness.add('warehouse-fold', () => {
      const reasons = [...this.follower.health().reasons, ...this.partitions.faults()];
      return reasons.length === 0 ? { ok: true } : { ok: false, detail: reasons.join('; ') };
    });
  }
}
