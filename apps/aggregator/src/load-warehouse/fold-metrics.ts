import { metrics } from '@opentelemetry/api';

function make() {
  const meter = metrics.getMeter('tallyward-warehouse');
  const count = (name: string, description: string) =>
    meter.createCounter(`tallyward_warehouse_${name}_total`, { description });
  return {
    landed: count('rows_landed', 'Events that count and are in ClickHouse'),
    duplicates: count('duplicates', 'Entries that repeat an event that counted'),
    parked: count('parked', 'Entries set aside, by reason; id-conflict: an id with other content'),
    finished: count('intents_finished', 'Inserts left open, and finished from the log'),
    fenced: count('fenced', 'Batches refused: another owner had moved the partition on'),
    waiting: count('waits', 'Inserts of unknown outcome that are repeated'),
    insertSeconds: meter.createHistogram('tallyward_warehouse_insert_seconds', {
      description: 'Time of one insert that landed',
      unit: 's',
    }),
    batchRows: meter.createHistogram('tallyward_warehouse_batch_rows', {
      description: 'Rows of one insert',
      advice: { explicitBucketBoundaries: [1, 10, 100, 500, 1_000, 2_500, 5_000, 10_000] },
    }),
    behind: meter.createGauge('tallyward_warehouse_behind_entries', {
      description: "Entries between ClickHouse and the log's end, by partition",
    }),
    asOf: meter.createGauge('tallyward_warehouse_as_of_seconds', {
      description: 'Every event acked before this instant (Unix time) is in ClickHouse',
      unit: 's',
    }),
    openIntents: meter.createGauge('tallyward_warehouse_open_intents', {
      description: 'Inserts written down and not yet known to have landed',
    }),
  };
}

let made: ReturnType<typeof make> | undefined;

/** Made when first used: what is made before telemetry starts counts nothing, for ever. */
export function foldMetrics(): ReturnType<typeof make> {
  return (made ??= make());
}
