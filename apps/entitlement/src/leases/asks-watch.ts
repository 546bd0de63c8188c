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
import { AsksConsumer } from './asks.consumer';
import { leaseMetrics } from './lease-metrics';

/** How long a scrape of metrics waits for Postgres and the log; without, nothing is told. */
const ANSWER_DEADLINE_MS = 1_000;
const topic = TOPICS.quotaAsks.name;

/** Makes asks that nobody answers visible: readiness, and the lag of all partitions. */
@Injectable()
export class AsksWatch implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    private readonly consumer: AsksConsumer,
    private readonly store: TotalsStore,
    private readonly readiness: Readiness,
    @Inject(LOG_PORT) private readonly log: Pick<Log, 'admin'>,
  ) {}

  onApplicationBootstrap(): void {
    this.readiness.add('asks', () => this.consumer.health());
    leaseMetrics().lag.addCallback(this.observeLag);
  }

  onModuleDestroy(): void {
    leaseMetrics().lag.removeCallback(this.observeLag);
  }

  private readonly observeLag = async (result: ObservableResult): Promise<void> => {
    const looks = Promise.all([this.store.progress(topic), this.log.admin.endOffsets(topic)]);
    const seen = await within(ANSWER_DEADLINE_MS, looks).catch(() => null);
    if (!seen) return;
    const [progress, ends] = seen;
    for (const { partition, next } of progress) {
      const end = ends.get(partition) ?? 0n;
      result.observe(end > next ? Number(end - next) : 0, { partition });
    }
  };
}
