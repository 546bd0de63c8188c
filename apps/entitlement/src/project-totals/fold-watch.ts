import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import type { ObservableResult } from '@opentelemetry/api';
import { TOPICS } from '@tallyward/contracts';
import { type Log, Readiness } from '@tallyward/platform';
import { LOG_PORT } from '../resources';
import { within } from '../storage/bounded';
import { TotalsStore } from '../storage/totals/totals-store';
import { foldMetrics } from './fold-metrics';
import { UsageLogConsumer } from './usage-log.consumer';

/** How long a scrape of metrics waits for Postgres and the log; without, the last answer stands. */
const ANSWER_DEADLINE_MS = 1_000;

type Progress = Awaited<ReturnType<TotalsStore['progress']>>;

/**
 * Makes a fold that stands still visible: readiness and metrics. The lag is between what Postgres
 * has folded and where the log ends, of all partitions, whoever owns them: a partition that nobody
 * owns, or whose owner has no log, stands still as well.
 */
@Injectable()
export class FoldWatch implements OnApplicationBootstrap, OnModuleDestroy {
  private progress: Progress = [];
  private ends: ReadonlyMap<number, bigint> = new Map();
  private looking: Promise<void> | undefined;

  constructor(
    private readonly consumer: UsageLogConsumer,
    private readonly store: TotalsStore,
    private readonly readiness: Readiness,
    @Inject(LOG_PORT) private readonly log: Pick<Log, 'admin'>,
  ) {}

  onApplicationBootstrap(): void {
    this.readiness.add('totals-fold', () => this.consumer.health());
    foldMetrics().lag.addCallback(this.observeLag);
    foldMetrics().age.addCallback(this.observeAge);
  }

  onModuleDestroy(): void {
    foldMetrics().lag.removeCallback(this.observeLag);
    foldMetrics().age.removeCallback(this.observeAge);
  }

  private readonly observeLag = async (result: ObservableResult): Promise<void> => {
    for (const [partition, { lag }] of await this.lags()) {
      result.observe(Number(lag), { partition });
    }
  };

  private readonly observeAge = async (result: ObservableResult): Promise<void> => {
    for (const [partition, { lag, reached }] of await this.lags()) {
      // A partition that was told of stays in the metrics: without lag it has no age.
      const ageMs = lag === 0n || reached === null ? 0 : Date.now() - reached;
      result.observe(ageMs / 1_000, { partition });
    }
  };

  private async lags(): Promise<Map<number, { lag: bigint; reached: number | null }>> {
    await this.look();
    if (this.progress.length === 0) return new Map();
    const at = new Map(this.progress.map((state) => [state.partition, state]));
    return new Map(
      [...this.ends].map(([partition, end]) => {
        const { next = 0n, reached = null } = at.get(partition) ?? {};
        return [partition, { lag: end > next ? end - next : 0n, reached }];
      }),
    );
  }

  /** Both metrics of a scrape share one look. */
  private look(): Promise<void> {
    const { name } = TOPICS.usageEvents;
    this.looking ??= Promise.all([
      within(ANSWER_DEADLINE_MS, this.store.progress(name)).then(
        (progress) => void (this.progress = progress),
        () => undefined,
      ),
      within(ANSWER_DEADLINE_MS, this.log.admin.endOffsets(name)).then(
        (ends) => void (this.ends = ends),
        () => undefined,
      ),
    ]).then(() => {
      this.looking = undefined;
    });
    return this.looking;
  }
}
