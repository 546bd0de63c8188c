import { TOPICS } from '@tallyward/contracts';
import { crashPoint, type Log, type LogEntry } from '@tallyward/platform';
import { foldBatch } from '../project-totals/fold-batch';
import { prunableTime } from '../project-totals/prunable';
import { PRUNE_KEYS } from '../project-totals/prune-keys';
import { inParts, type ReadAt, readBatch } from '../project-totals/read-batch';
import type { FoldTransaction } from '../storage/totals/fold-transaction';
import type { PartitionProgress } from '../storage/totals/progress';
import type { RebuildStore, Swapped } from '../storage/totals/rebuild-store';

/** Entries of one transaction. */
const BATCH_ENTRIES = 5_000;
/** Partitions folded at once: Postgres works for one while the entries of another are read. */
const PARTITIONS_AT_ONCE = 4;
/** The live fold is held for what is left: with no more than this, it is time to swap. */
const CLOSE_ENOUGH_ENTRIES = 10_000n;
/** How often what was appended meanwhile is folded before the swap is made anyway. */
const MOST_PASSES = 10;

const topic = TOPICS.usageEvents.name;

export const REBUILD_CRASH_POINTS = [
  'rebuild-totals.after-tables',
  'rebuild-totals.after-batch',
  'rebuild-totals.before-swap',
  'rebuild-totals.before-commit',
  'rebuild-totals.after-commit',
] as const;

export interface Rebuilt extends Swapped {
  /** Entries folded again. */
  readonly entries: number;
  /** Up to where, by partition. */
  readonly upTo: ReadonlyMap<number, bigint>;
}

/** Told how many entries are folded, of how many. */
export type Progress = (done: number, of: number) => void;
type Fold = <T>(work: (transaction: FoldTransaction) => Promise<T>) => Promise<T>;

/** Folds the log again from its beginning while the live fold goes on, and takes its place. */
export class TotalsRebuild {
  private readonly folded = new Map<number, bigint>();
  private entries = 0;
  private goal = 0;

  constructor(
    private readonly store: RebuildStore,
    private readonly log: Pick<Log, 'readRange' | 'readAt' | 'admin'>,
    private readonly progress: Progress,
  ) {}

  async run(): Promise<Rebuilt> {
    crashPoint('rebuild-totals.after-tables');
    await this.assertSameTopic(await this.store.progress());
    const fold: Fold = (work) => this.store.fold(work);
    for (let pass = 1; pass <= MOST_PASSES; pass += 1) {
      const live = await this.store.progress();
      if (pass > 1 && this.left(live) <= CLOSE_ENOUGH_ENTRIES) break;
      await this.foldUpTo(live, fold);
    }
    await this.prune();
    crashPoint('rebuild-totals.before-swap');
    const comparison = await this.swap();
    crashPoint('rebuild-totals.after-commit');
    return { ...comparison, entries: this.entries, upTo: this.folded };
  }

  private swap(): Promise<Swapped> {
    const folded = new Map(this.folded);
    const { entries } = this;
    return this.store.swap(async (transaction, live) => {
      // A try that was given up has taken back what it folded.
      for (const [partition, next] of folded) this.folded.set(partition, next);
      this.entries = entries;
      const fold: Fold = (work) => work(transaction);
      for (const one of live) await this.foldPartition(one, fold);
      crashPoint('rebuild-totals.before-commit');
    });
  }

  private async assertSameTopic(live: readonly PartitionProgress[]): Promise<void> {
    const identity = await this.log.admin.topicIdentity(topic);
    const other = live.find((one) => one.identity !== null && one.identity !== identity);
    if (!other) return;
    throw new Error(`the totals were folded from ${other.identity}, the log is ${identity}`);
  }

  private left(live: readonly PartitionProgress[]): bigint {
    return live.reduce((sum, { partition, next }) => sum + next - this.nextOf(partition), 0n);
  }

  private nextOf(partition: number): bigint {
    return this.folded.get(partition) ?? 0n;
  }

  private async foldUpTo(live: readonly PartitionProgress[], fold: Fold): Promise<void> {
    this.goal = this.entries + Number(this.left(live));
    const waiting = [...live];
    const worker = async (): Promise<void> => {
      for (let one = waiting.shift(); one; one = waiting.shift()) {
        await this.foldPartition(one, fold);
      }
    };
    await Promise.all(Array.from({ length: PARTITIONS_AT_ONCE }, worker));
  }

  private readonly readAt: ReadAt = (places) => this.log.readAt(places);

  private async foldPartition(live: PartitionProgress, fold: Fold): Promise<void> {
    const { partition, next, identity } = live;
    const from = this.nextOf(partition);
    if (from >= next || identity === null) return;
    const onEntries = async (entries: LogEntry[]): Promise<void> => {
      for (let at = 0; at < entries.length; at += BATCH_ENTRIES) {
        const slice = entries.slice(at, at + BATCH_ENTRIES);
        const after = (slice.at(-1)?.offset ?? from) + 1n;
        const batch = readBatch({ topic, partition, identity, entries: slice, next: after });
        for (const part of inParts(batch)) {
          await fold((transaction) => foldBatch(transaction, part, part.from, this.readAt));
        }
        crashPoint('rebuild-totals.after-batch');
        this.entries += slice.length;
        this.progress(this.entries, this.goal);
      }
    };
    await this.log.readRange({ topic, partition, from, to: next, onEntries });
    this.folded.set(partition, next);
  }

  /** The rebuilt keys vouch no longer than the live ones do. */
  private async prune(): Promise<void> {
    const live = await this.store.progress();
    const before = prunableTime(live, await this.log.admin.endOffsets(topic));
    if (!Number.isFinite(before)) return;
    while ((await this.store.pruneKeys(before, PRUNE_KEYS)) === PRUNE_KEYS);
  }
}
