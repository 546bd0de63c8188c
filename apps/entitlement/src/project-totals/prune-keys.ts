import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { TOPICS } from '@tallyward/contracts';
import { crashPoint, type Log } from '@tallyward/platform';
import { setTimeout as pause } from 'node:timers/promises';
import { LOG_PORT } from '../resources';
import { TotalsStore } from '../storage/totals/totals-store';
import { foldMetrics } from './fold-metrics';
import { prunableTime } from './prunable';

/** How often keys are looked through. Late pruning costs room, never exactness. */
export const PRUNE_EVERY_MS = 10 * 60_000;
/** Keys deleted by one statement, so that the fold never waits long for one. */
export const PRUNE_KEYS = 2_000;
/** Rest after each statement: the fold comes first. */
const PRUNE_PAUSE_MS = 20;

/** Deletes the keys that no longer vouch, in its own time. Any number of instances may do so. */
@Injectable()
export class KeyPruning implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('KeyPruning');
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopping = false;

  constructor(
    private readonly store: TotalsStore,
    @Inject(LOG_PORT) private readonly log: Pick<Log, 'admin'>,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.inBackground(), PRUNE_EVERY_MS).unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    this.stopping = true;
    await this.running;
  }

  private inBackground(): void {
    this.running = this.running
      .then(() => this.prune())
      .then(
        (pruned) => this.logger.debug({ pruned }, 'keys were pruned'),
        (error: unknown) => this.logger.warn({ err: error }, 'keys wait for the next pruning'),
      );
  }

  /** Prunes what may go now; answers how many keys went. */
  async prune(): Promise<number> {
    const topic = TOPICS.usageEvents.name;
    // In this order: see prunableTime.
    const progress = await this.store.progress(topic);
    const before = prunableTime(progress, await this.log.admin.endOffsets(topic));
    if (!Number.isFinite(before)) return 0;
    let pruned = 0;
    for (let deleted = PRUNE_KEYS; deleted === PRUNE_KEYS && !this.stopping;) {
      deleted = await this.store.pruneKeys(before, PRUNE_KEYS);
      crashPoint('totals.after-prune');
      pruned += deleted;
      foldMetrics().prunedKeys.add(deleted);
      await pause(PRUNE_PAUSE_MS);
    }
    return pruned;
  }
}
