import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { ObservableResult } from '@opentelemetry/api';
import { TOPICS } from '@tallyward/contracts';
import { Readiness } from '@tallyward/platform';
import { within } from '../storage/bounded';
import { TotalsStore } from '../storage/totals/totals-store';
import { foldMetrics } from './fold-metrics';
import { UsageLogConsumer } from './usage-log.consumer';

/** How long a scrape of metrics waits for Postgres; without an answer it goes without. */
const PROGRESS_DEADLINE_MS = 1_000;

/** Makes a fold that stands still visible: readiness and metrics. */
@Injectable()
export class FoldWatch implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    private readonly consumer: UsageLogConsumer,
    private readonly store: TotalsStore,
    private readonly readiness: Readiness,
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

  private readonly observeLag = (result: ObservableResult): void => {
    for (const { partition, lag } of this.consumer.lag()) {
      result.observe(Number(lag), { partition });
    }
  };

  private readonly observeAge = async (result: ObservableResult): Promise<void> => {
    const behind = this.consumer.lag().filter(({ lag }) => lag > 0n);
    if (behind.length === 0) return;
    const asked = this.store.progress(TOPICS.usageEvents.name);
    const progress = await within(PROGRESS_DEADLINE_MS, asked).catch(() => []);
    for (const { partition, reached } of progress) {
      if (reached === null || !behind.some((lag) => lag.partition === partition)) continue;
      result.observe((Date.now() - reached) / 1_000, { partition });
    }
  };
}
