import { Inject, Injectable } from '@nestjs/common';
import { USAGE_PARTITIONS } from '@tallyward/domain';
import type { LogBatch } from '@tallyward/platform';
import { SwapRecovery } from '../rebuild/swap';
import { FoldStore } from '../storage/postgres';
import { OwnedPartition } from './owned-partition';
import { FoldClosed, WarehouseFold } from './warehouse-fold';

/** Of a fold that nothing rebuilds beside the live one: nothing is left half swapped. */
export const NO_REBUILDS = { recover: () => Promise.resolve() };

/** The partitions of a folded topic, as this process has them in hand. */
@Injectable()
export class OwnedPartitions {
  private readonly stopping = new AbortController();
  private readonly partitions: readonly OwnedPartition[];

  constructor(
    @Inject(FoldStore) store: Pick<FoldStore, 'position'>,
    @Inject(WarehouseFold) fold: Pick<WarehouseFold, 'load' | 'finishOpen'>,
    /** Ends what a rebuild that died has left, where there are rebuilds. */
    @Inject(SwapRecovery) private readonly recovery: Pick<SwapRecovery, 'recover'>,
  ) {
    this.partitions = Array.from(
      { length: USAGE_PARTITIONS },
      (_, partition) => new OwnedPartition(partition, store, fold, this.stopping.signal),
    );
  }

  of(partition: number): OwnedPartition {
    const owned = this.partitions[partition];
    if (!owned) throw new Error(`The topic has no partition ${partition}`);
    return owned;
  }

  /** Before anything is followed: a rebuild may have died while this service was away. */
  recover(): Promise<void> {
    return this.recovery.recover();
  }

  async take(batch: LogBatch): Promise<void> {
    try {
      await this.of(batch.partition).take(batch);
    } catch (error) {
      // The rebuild that closed the fence may have died: then nobody else opens it.
      if (error instanceof FoldClosed) await this.recovery.recover();
      throw error;
    }
  }

  /** Why partitions stand still behind an insert, one line each. */
  faults(): string[] {
    return this.partitions.flatMap((partition) => partition.fault() ?? []);
  }

  stop(): void {
    this.stopping.abort();
  }
}
