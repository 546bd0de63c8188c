import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { TOPICS } from '@tallyward/contracts';
import { type Follower, type FollowLimits, type Log } from '@tallyward/platform';
import { FATAL, LOG_PORT } from '../resources';
import { TotalsStore } from '../storage/totals/totals-store';
import { TotalsFold } from './totals-fold';

/** Members of this group share the partitions out; its offsets are never used. */
export const TOTALS_GROUP = 'entitlement-totals';

/**
 * One transaction folds at most this many entries, and waits at most this long for company: a
 * transaction of a few entries costs much of what one of hundreds does.
 */
export const TOTALS_LIMITS: Partial<FollowLimits> = {
  maxBatchEntries: 5_000,
  maxWaitMs: 200,
  minBytes: 256 * 1_024,
  retryFromMs: 100,
  retryToMs: 5_000,
};

const topic = TOPICS.usageEvents.name;

/** The fold's edge: follows the usage log from where Postgres says (PROTOCOL 20). */
@Injectable()
export class UsageLogConsumer implements OnApplicationBootstrap, OnModuleDestroy {
  private follower: Follower | undefined;

  constructor(
    @Inject(LOG_PORT) private readonly log: Log,
    @Inject(FATAL) private readonly fatal: (error: Error) => void,
    private readonly store: TotalsStore,
    private readonly fold: TotalsFold,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.follower = this.log.follow({
      topics: [topic],
      group: TOTALS_GROUP,
      position: (_, partition) => this.store.position(topic, partition),
      onBatch: (batch) => this.fold.fold(batch),
      onFatal: (fault) => this.fatal(fault),
      limits: TOTALS_LIMITS,
    });
    await this.follower.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.follower?.stop();
  }

  health(): { ok: boolean; detail?: string } {
    const health = this.follower?.health();
    if (!health) return { ok: false, detail: 'not following yet' };
    return health.healthy ? { ok: true } : { ok: false, detail: health.reasons.join('; ') };
  }

  /** Of the partitions that this process owns. */
  lag(): ReturnType<Follower['lag']> {
    return this.follower?.lag() ?? [];
  }
}
