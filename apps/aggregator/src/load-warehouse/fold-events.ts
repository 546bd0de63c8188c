import type { LogLogger } from '@tallyward/platform';
import { metrics } from '@opentelemetry/api';
import type { CountedBatch } from './form-batch';

const meter = metrics.getMeter('tallyward-warehouse');
const landed = meter.createCounter('tallyward_warehouse_rows_landed_total', {
  description: 'Events that count and are in ClickHouse',
});
const duplicates = meter.createCounter('tallyward_warehouse_duplicates_total', {
  description: 'Entries that repeat an event that counted',
});
const parked = meter.createCounter('tallyward_warehouse_parked_total', {
  description: 'Entries set aside, by reason; id-conflict is a repeated id with other content',
});
const insertSeconds = meter.createHistogram('tallyward_warehouse_insert_seconds', {
  description: 'Time of one insert that landed',
  unit: 's',
});
const batchRows = meter.createHistogram('tallyward_warehouse_batch_rows', {
  description: 'Rows of one insert',
  advice: { explicitBucketBoundaries: [1, 10, 100, 500, 1_000, 2_500, 5_000, 10_000] },
});
const finished = meter.createCounter('tallyward_warehouse_intents_finished_total', {
  description: 'Inserts left open by a crash or an outage, and finished from the log',
});
const fenced = meter.createCounter('tallyward_warehouse_fenced_total', {
  description: 'Batches refused because another owner had moved the partition on',
});
const waiting = meter.createCounter('tallyward_warehouse_waits_total', {
  description: 'Inserts of unknown outcome that are repeated',
});

/** Where what happens to the fold becomes metric and log line. */
export class FoldEvents {
  constructor(private readonly lines: Pick<LogLogger, 'info' | 'warn'>) {}

  loaded(batch: CountedBatch): void {
    const { partition } = batch;
    landed.add(batch.counted.length);
    batchRows.record(batch.counted.length);
    if (batch.duplicates > 0) duplicates.add(batch.duplicates);
    for (const { reason, offset } of batch.parked) {
      parked.add(1, { reason });
      this.lines.warn({ partition, offset: offset.toString(), reason }, 'set an entry aside');
    }
  }

  inserted(seconds: number): void {
    insertSeconds.record(seconds);
  }

  finished(intent: { partition: number; from: bigint; to: bigint }, rows: number): void {
    const { partition, from, to } = intent;
    finished.add(1);
    landed.add(rows);
    const range = { partition, from: from.toString(), to: to.toString(), rows };
    this.lines.info(range, 'finished an insert that was left open');
  }

  fenced(partition: number): void {
    fenced.add(1);
    this.lines.warn({ partition }, 'another owner has taken the partition');
  }

  waiting(partition: number, error: unknown): void {
    waiting.add(1);
    this.lines.warn(
      { partition, err: error },
      'ClickHouse does not answer: the insert is repeated',
    );
  }
}
