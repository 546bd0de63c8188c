import { metrics } from '@opentelemetry/api';

/** What the metrics of a fold are named after. */
export type MetricsPrefix = 'warehouse' | 'decisions' | 'proofs' | 'records';

function make(prefix: MetricsPrefix) {
  const meter = metrics.getMeter('tallyward-warehouse');
  const count = (name: string, description: string) =>
    meter.createCounter(`tallyward_${prefix}_${name}_total`, { description });
  return {
    landed: count('rows_landed', 'Entries that count and are in ClickHouse'),
    duplicates: count('duplicates', 'Entries that repeat one that counted'),
    parked: count('parked', 'Entries set aside, by reason; id-conflict: an id with other content'),
    finished: count('intents_finished', 'Inserts left open, and finished from the log'),
    fenced: count('fenced', 'Batches refused: another owner had moved the partition on'),
    waiting: count('waits', 'Inserts of unknown outcome that are repeated'),
    insertSeconds: meter.createHistogram(`tallyward_${prefix}_insert_seconds`, {
      description: 'Time of one insert that landed',
      unit: 's',
    }),
    batchRows: meter.createHistogram(`tallyward_${prefix}_batch_rows`, {
      description: 'Rows of one insert',
      advice: { explicitBucketBoundaries: [1, 10, 100, 500, 1_000, 2_500, 5_000, 10_000] },
    }),
    behind: meter.createGauge(`tallyward_${prefix}_behind_entries`, {
      description: "Entries between ClickHouse and the log's end, by partition",
    }),
    asOf: meter.createGauge(`tallyward_${prefix}_as_of_seconds`, {
      description: 'Every entry acked before this instant (Unix time) is in ClickHouse',
      unit: 's',
    }),
    openIntents: meter.createGauge(`tallyward_${prefix}_open_intents`, {
      description: 'Inserts written down and not yet known to have landed',
    }),
  };
}

type FoldMetrics = ReturnType<typeof make>;
const made = new Map<MetricsPrefix, FoldMetrics>();

/** Made when first used: what is made before telemetry starts counts nothing, for ever. */
export function foldMetrics(prefix: MetricsPrefix): FoldMetrics {
  let metrics = made.get(prefix);
  if (!metrics) made.set(prefix, (metrics = make(prefix)));
  return metrics;
}
