import { metrics } from '@opentelemetry/api';
import type { FoldCounts } from './fold-batch';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Made on first use, when the meter provider is in place. No label ever names a customer. */
function instruments() {
  const meter = metrics.getMeter('tallyward.totals');
  return {
    counted: meter.createCounter('tallyward_totals_events_total', {
      description: 'Events folded into the totals',
    }),
    duplicates: meter.createCounter('tallyward_totals_duplicates_total', {
      description: 'Events that had counted before',
    }),
    conflicts: meter.createCounter('tallyward_totals_conflicts_total', {
      description: 'Events with the identity of another one and other content',
    }),
    voided: meter.createCounter('tallyward_totals_voided_total', {
      description: 'Events that were taken back out of the totals',
    }),
    parked: meter.createCounter('tallyward_totals_parked_total', {
      description: 'Entries set aside, by reason',
    }),
    told: meter.createCounter('tallyward_totals_holds_told_total', {
      description: 'Holds that another gateway settled, told to their owners, by outcome',
    }),
    prunedKeys: meter.createCounter('tallyward_totals_pruned_keys_total', {
      description: 'Keys that no longer vouched and were deleted',
    }),
    seconds: meter.createHistogram('tallyward_totals_batch_seconds', {
      description: 'From a batch read to its commit, by outcome',
      unit: 's',
      advice: { explicitBucketBoundaries: SECONDS },
    }),
    lag: meter.createObservableGauge('tallyward_totals_lag', {
      description: 'Entries of the log not folded yet, by partition',
    }),
    age: meter.createObservableGauge('tallyward_totals_reached_age_seconds', {
      description: 'How long ago the last folded entry was appended, by partition; 0: no lag',
      unit: 's',
    }),
  };
}

let made: ReturnType<typeof instruments> | undefined;

export function foldMetrics(): ReturnType<typeof instruments> {
  made ??= instruments();
  return made;
}

export function recordFolded(counts: FoldCounts): void {
  const { counted, duplicates, conflicts, voided, parked } = foldMetrics();
  voided.add(counts.voided);
  counted.add(counts.counted);
  duplicates.add(counts.duplicates);
  conflicts.add(counts.conflicts);
  for (const [reason, entries] of counts.parked) parked.add(entries, { reason });
}
