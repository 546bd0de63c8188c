import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { prunableBefore } from '@tallyward/domain';
import { crashPoint, type Log, type LogLogger } from '@tallyward/platform';
import { KeyPruningStore, ProgressStore, type PartitionProgress } from '../storage/postgres';
import type { LoadedLog } from './loaded-log';

/** How often keys are looked through: late pruning costs room, nothing else. */
export const PRUNE_EVERY_MS = 15 * 60_000;
/** Keys that go with one statement; the fold waits for none longer than that takes. */
export const PRUNED_AT_ONCE = 2_000;

/**
 * Keys of events with a time before the answer (epoch ms) may go. By the smallest append time that
 * any partition has reached (PROTOCOL 19), never by the wall clock. A partition without a further
 * entry, by the log's ends asked for after `progress`, holds nothing up: what it gets next is
 * appended later than all that was reached.
 */
export function prunableTime(
  progress: readonly PartitionProgress[],
  ends: ReadonlyMap<number, bigint>,
): number {
  const reached = progress.filter(({ reachedAt }) => reachedAt > 0);
  if (reached.length === 0) return Number.NEGATIVE_INFINITY;
  const furthest = Math.max(...reached.map(({ reachedAt }) => reachedAt));
  return prunableBefore(
    progress.map(({ partition, next, reachedAt }) => {
      const end = ends.get(partition);
      return end !== undefined && next >= end ? furthest : reachedAt;
    }),
  );
}

export interface PruningStores {
  readonly progress: ProgressStore;
  readonly keys: KeyPruningStore;
}

/** Lets go of keys that no longer vouch for an entry of a log, beside its fold. */
export class KeyPruning implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private isStopping = false;

  constructor(
    private readonly of: Pick<LoadedLog, 'fold' | 'topic'>,
    private readonly stores: PruningStores,
    private readonly log: Pick<Log, 'admin'>,
    private readonly lines: Pick<LogLogger, 'debug' | 'warn'>,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.running = this.running.then(() => this.pruneAndTell());
    }, PRUNE_EVERY_MS);
    this.timer.unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    this.isStopping = true;
    await this.running;
  }

  private async pruneAndTell(): Promise<void> {
    try {
      this.lines.debug({ keys: await this.prune() }, 'pruned keys');
    } catch (error) {
      this.lines.warn({ err: error }, 'keys wait for the next pruning');
    }
  }

  /** Prunes what may go now, and answers how many keys that was. */
  async prune(): Promise<number> {
    const { fold, topic } = this.of;
    const progress = await this.stores.progress.progress(fold);
    const before = prunableTime(progress, await this.log.admin.endOffsets(topic));
    if (before === Number.NEGATIVE_INFINITY) return 0;
    let pruned = 0;
    for (;;) {
      const gone = await this.stores.keys.prune(fold, before, PRUNED_AT_ONCE);
      crashPoint('warehouse.after-prune');
      pruned += gone;
      if (gone < PRUNED_AT_ONCE || this.isStopping) return pruned;
    }
  }
}
