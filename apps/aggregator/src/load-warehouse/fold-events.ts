import type { LogLogger } from '@tallyward/platform';
import { foldMetrics } from './fold-metrics';
import type { CountedBatch } from './form-batch';

/** Where what happens to the fold becomes metric and log line. */
export class FoldEvents {
  constructor(private readonly lines: Pick<LogLogger, 'info' | 'warn'>) {}

  loaded(batch: CountedBatch): void {
    const { partition } = batch;
    foldMetrics().landed.add(batch.counted.length);
    foldMetrics().batchRows.record(batch.counted.length);
    if (batch.duplicates > 0) foldMetrics().duplicates.add(batch.duplicates);
    for (const { reason, offset } of batch.parked) {
      foldMetrics().parked.add(1, { reason });
      this.lines.warn({ partition, offset: offset.toString(), reason }, 'set an entry aside');
    }
  }

  inserted(seconds: number): void {
    foldMetrics().insertSeconds.record(seconds);
  }

  finished(intent: { partition: number; from: bigint; to: bigint }, rows: number): void {
    const { partition, from, to } = intent;
    foldMetrics().finished.add(1);
    foldMetrics().landed.add(rows);
    const range = { partition, from: from.toString(), to: to.toString(), rows };
    this.lines.info(range, 'finished an insert that was left open');
  }

  fenced(partition: number): void {
    foldMetrics().fenced.add(1);
    this.lines.warn({ partition }, 'another owner has taken the partition');
  }

  waiting(partition: number, error: unknown): void {
    foldMetrics().waiting.add(1);
    this.lines.warn(
      { partition, err: error },
      'ClickHouse does not answer: the insert is repeated',
    );
  }
}
