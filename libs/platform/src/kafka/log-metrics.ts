import { metrics } from '@opentelemetry/api';

/**
 * Made on first use, when the meter provider is in place. Labels: topic, partition, outcome; never
 * a customer.
 */
function instruments() {
  const meter = metrics.getMeter('tallyward.log');
  const seconds = { unit: 's' };
  return {
    appendSeconds: meter.createHistogram('tallyward_log_append_seconds', {
      ...seconds,
      description: 'From append() to its answer',
      advice: { explicitBucketBoundaries: LATENCY_BUCKETS },
    }),
    appended: meter.createCounter('tallyward_log_appended_total', {
      description: 'Entries by outcome: acked, unknown, refused',
    }),
    requestEntries: meter.createHistogram('tallyward_log_request_entries', {
      description: 'Entries in one produce request',
      advice: { explicitBucketBoundaries: SIZE_BUCKETS },
    }),
    reconnects: meter.createCounter('tallyward_log_reconnects_total', {
      description: 'Clients dropped and made anew, by part of the port',
    }),
    batchEntries: meter.createHistogram('tallyward_log_batch_entries', {
      description: 'Entries handed to a handler at once',
      advice: { explicitBucketBoundaries: SIZE_BUCKETS },
    }),
    handlerSeconds: meter.createHistogram('tallyward_log_handler_seconds', {
      ...seconds,
      description: 'Time a handler took for one batch, by topic and outcome',
      advice: { explicitBucketBoundaries: LATENCY_BUCKETS },
    }),
    lag: meter.createObservableGauge('tallyward_log_lag', {
      description: 'Entries between what a follower has handled and the end of the log',
    }),
    owned: meter.createObservableGauge('tallyward_log_owned_partitions', {
      description: 'Partitions that a follower has in hand',
    }),
    stalledSeconds: meter.createObservableGauge('tallyward_log_stalled_seconds', {
      ...seconds,
      description: 'How long a follower stands still with lag, or has no log or no group',
    }),
    tailSilent: meter.createObservableGauge('tallyward_log_tail_silent_seconds', {
      ...seconds,
      description: 'Since when a tail has not taken in an answer of every leader of its topic',
    }),
    tailLag: meter.createObservableGauge('tallyward_log_tail_lag', {
      description: 'Entries that a tail knows of and has not taken in',
    }),
    queued: meter.createObservableGauge('tallyward_log_queued_entries', {
      description: 'Entries accepted by append() and not answered yet',
    }),
  };
}

const LATENCY_BUCKETS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];
const SIZE_BUCKETS = [1, 5, 10, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];

let made: ReturnType<typeof instruments> | undefined;

export function logMetrics(): ReturnType<typeof instruments> {
  made ??= instruments();
  return made;
}
