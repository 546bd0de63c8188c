import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { Log } from '@tallyward/platform';
import { setTimeout as pause } from 'node:timers/promises';
import { LOG_PORT } from '../resources';
import { foldMetrics } from './fold-metrics';
import { ProgressStore, type PartitionProgress } from '../storage/postgres';
import type { LoadedLog } from './loaded-log';
import { USAGE_LOG } from './usage-row';

/** How old an answer about the log's end and the fold's place may be. */
export const PROGRESS_AGE_MS = 1_000;
/** How often it looks when nobody asks: for the metrics, and for an `asOf` from the start. */
export const LOOK_EVERY_MS = 5_000;

/** How long whoever asks for an `asOf` waits for a newer one; then the last one is the answer. */
export const AS_OF_DEADLINE_MS = 2_000;

export interface PartitionState extends PartitionProgress {
  /** One past the last entry of the log, when it was asked. */
  readonly end: bigint;
}

interface Seen {
  readonly at: number;
  readonly partitions: readonly PartitionState[];
}

/** How far a fold has come, and as of when what it wrote is whole. */
export class FoldProgress implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private seen: Promise<Seen> | undefined;
  private seenAt = 0;
  /** By partition: an instant before which every acked event is in; it never goes back. */
  private readonly wholeBefore = new Map<number, number>();

  constructor(
    private readonly of: Pick<LoadedLog, 'fold' | 'topic' | 'metrics'>,
    private readonly log: Pick<Log, 'admin'>,
    private readonly store: Pick<ProgressStore, 'progress'>,
  ) {}

  private get metrics() {
    return foldMetrics(this.of.metrics);
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.asOf(), LOOK_EVERY_MS);
    this.timer.unref();
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /**
   * An instant (epoch ms) before which every acked event is in ClickHouse; 0 before anything is
   * known. It rests when the fold or the log does, so it shows a standstill.
   */
  async asOf(): Promise<number> {
    // What was known before still holds while the log or Postgres is away, or hangs.
    const looked = this.look().catch(() => undefined);
    const late = new AbortController();
    const deadline = pause(AS_OF_DEADLINE_MS, undefined, { signal: late.signal });
    await Promise.race([looked, deadline.catch(() => undefined)]);
    late.abort();
    const asOf = this.wholeBefore.size === 0 ? 0 : Math.min(...this.wholeBefore.values());
    this.metrics.asOf.record(asOf / 1_000);
    return asOf;
  }

  /** Each partition as of at most PROGRESS_AGE_MS ago. */
  async partitions(): Promise<readonly PartitionState[]> {
    return (await this.look()).partitions;
  }

  /** True when ClickHouse has all that the log held when this was asked. */
  async isDrained(): Promise<boolean> {
    const { partitions } = await this.ask();
    return partitions.every(({ landed, end }) => landed >= end);
  }

  /** ClickHouse's rows answer for these offsets: one past the last landed one, by partition. */
  async landed(): Promise<ReadonlyMap<number, bigint>> {
    const progress = await this.store.progress(this.of.fold);
    return new Map(progress.map(({ partition, landed }) => [partition, landed]));
  }

  private look(): Promise<Seen> {
    if (!this.seen || Date.now() - this.seenAt > PROGRESS_AGE_MS) {
      this.seenAt = Date.now();
      const asked = this.ask();
      this.seen = asked;
      asked.catch(() => {
        if (this.seen === asked) this.seen = undefined;
      });
    }
    return this.seen;
  }

  private async ask(): Promise<Seen> {
    // The clock first, then the log's end, then the fold's place: each may only be too early.
    const at = Date.now();
    const ends = await this.log.admin.endOffsets(this.of.topic);
    const progress = await this.store.progress(this.of.fold);
    const partitions = progress.map((state) => ({
      ...state,
      end: ends.get(state.partition) ?? 0n,
    }));
    for (const state of partitions) this.note(state, at);
    this.metrics.openIntents.record(partitions.filter(({ intentOpen }) => intentOpen).length);
    return { at, partitions };
  }

  private note({ partition, landed, landedAt, end }: PartitionState, at: number): void {
    // An entry appended in the same millisecond as the last landed one may come after it.
    const whole = landed >= end ? at : landedAt - 1;
    this.wholeBefore.set(partition, Math.max(whole, this.wholeBefore.get(partition) ?? 0));
    this.metrics.behind.record(Number(end > landed ? end - landed : 0n), { partition });
  }
}

/** How far the usage log is in ClickHouse. */
@Injectable()
export class WarehouseProgress extends FoldProgress {
  constructor(@Inject(LOG_PORT) log: Pick<Log, 'admin'>, store: ProgressStore) {
    super(USAGE_LOG, log, store);
  }
}
