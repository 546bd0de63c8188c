import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { TOPICS } from '@tallyward/contracts';
import type { Follower, FollowLimits, Log, StoredPosition } from '@tallyward/platform';
import { FATAL, LOG_PORT } from '../resources';
import { TotalsStore } from '../storage/totals/totals-store';
import { AsksFold } from './asks-fold';

/** Members of this group share the partitions out; its offsets are never used. */
export const ASKS_GROUP = 'entitlement-asks';

/** A call waits for the answer: an ask waits for no company. */
export const ASKS_LIMITS: Partial<FollowLimits> = {
  maxBatchEntries: 1_000,
  maxWaitMs: 100,
  minBytes: 1,
  retryFromMs: 20,
  retryToMs: 2_000,
};

const topic = TOPICS.quotaAsks.name;

/** Follows what gateways ask for, from where Postgres says. */
@Injectable()
export class AsksConsumer implements OnApplicationBootstrap, OnModuleDestroy {
  private follower: Follower | undefined;

  constructor(
    @Inject(LOG_PORT) private readonly log: Log,
    @Inject(FATAL) private readonly fatal: (error: Error) => void,
    private readonly store: TotalsStore,
    private readonly fold: AsksFold,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.follower = this.log.follow({
      topics: [topic],
      group: ASKS_GROUP,
      position: (_, partition) => this.position(partition),
      onBatch: (batch) => this.fold.fold(batch),
      onFatal: (fault) => this.fatal(fault),
      limits: ASKS_LIMITS,
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

  /** Asks live for a day: after a longer rest, what is gone was long repeated, or reclaimed. */
  private async position(partition: number): Promise<StoredPosition> {
    const stored = await this.store.position(topic, partition);
    const begin = (await this.log.admin.beginOffsets(topic)).get(partition) ?? 0n;
    return { next: begin > stored.next ? begin : stored.next, identity: stored.identity };
  }
}
