import type { LogLogger } from '@tallyward/platform';
import { foldMetrics, type MetricsPrefix } from './fold-metrics';
import type { CountedBatch } from './form-batch';

/** Where what happens to the fold becomes metric and log line. */
export class FoldEvents {
  constructor(
    private readonly lines: Pick<LogLogger, 'info' | 'warn'>,
    private readonly prefix: MetricsPrefix = 'warehouse',
  ) {}

  private get metrics() {
    return foldMetrics(this.prefix);
  }

  loaded(batch: CountedBatch): void {
    const { partition } = batch;
    this.metrics.landed.add(batch.counted.length);
    this.metrics.batchRows.record(batch.counted.length);
    if (batch.duplicates > 0) this.metrics.duplicates.add(batch.duplicates);
    for (const { reason, offset } of batch.parked) {
      this.metrics.parked.add(1, { reason });
      const place = { log: this.prefix, partition, offset: offset.toString() };
      this.lines.warn({ ...place, reason }, 'set an entry aside');
    }
  }

  inserted(seconds: number): void {
    this.metrics.insertSeconds.record(seconds);
  }

  finished(intent: { partition: number; from: bigint; to: bigint }, rows: number): void {
    const { partition, from, to } = intent;
    this.metrics.finished.add(1);
    this.metrics.landed.add(rows);
    const range = { partition, from: from.toString(), to: to.toString(), rows };
    this.lines.info(range, 'finished an insert that was left open');
  }

  fenced(partition: number): void {
    this.metrics.fenced.add(1);
    this.lines.warn({ partition }, 'another owner has taken the partition');
  }

  waiting(partition: number, error: unknown): void {
    this.metrics.waiting.add(1);
    this.lines.warn(
      { partition, err: error },
      'ClickHouse does not answer: the insert is repeated',
    );
  }
}
