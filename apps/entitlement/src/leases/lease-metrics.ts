import { metrics } from '@opentelemetry/api';
import type { TakenAsks } from './take-asks';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Made on first use, when the meter provider is in place. No label ever names a customer. */
function instruments() {
  const meter = metrics.getMeter('tallyward.leases');
  return {
    asks: meter.createCounter('tallyward_leases_asks_total', {
      description: 'Asks of gateways, by outcome',
    }),
    refusals: meter.createCounter('tallyward_leases_refusals_total', {
      description: 'Limits that stood in the way of an ask, by reason',
    }),
    granted: meter.createCounter('tallyward_leases_granted_total', {
      description: 'Leases granted',
    }),
    recalled: meter.createCounter('tallyward_leases_recalled_total', {
      description: 'Leases asked back because others were refused',
    }),
    passedOver: meter.createCounter('tallyward_leases_passed_over_total', {
      description: 'Messages of gateways that nothing was done about, by reason',
    }),
    untold: meter.createCounter('tallyward_leases_untold_total', {
      description: 'Messages to gateways that the log did not take, or perhaps',
    }),
    reclaimed: meter.createCounter('tallyward_leases_reclaimed_total', {
      description: 'Leases closed after their time',
    }),
    reclaimedUnits: meter.createCounter('tallyward_leases_reclaimed_units_total', {
      description: 'What closed leases gave back to their counters',
    }),
    pruned: meter.createCounter('tallyward_leases_pruned_total', {
      description: 'Rows that nobody needs any more and were deleted, by table',
    }),
    seconds: meter.createHistogram('tallyward_leases_batch_seconds', {
      description: 'From a batch of asks read to its commit, by outcome',
      unit: 's',
      advice: { explicitBucketBoundaries: SECONDS },
    }),
    lag: meter.createObservableGauge('tallyward_leases_lag', {
      description: 'Messages of gateways not taken yet, by partition',
    }),
  };
}

let made: ReturnType<typeof instruments> | undefined;

export function leaseMetrics(): ReturnType<typeof instruments> {
  made ??= instruments();
  return made;
}

export function recordTaken({ decided, recalled, ...taken }: TakenAsks): void {
  const { asks, refusals, granted, passedOver } = leaseMetrics();
  asks.add(taken.repeated, { outcome: 'repeated' });
  asks.add(taken.putOff, { outcome: 'put-off' });
  for (const { answer, leases } of decided) {
    const isRefused = answer.type === 'lease.refused';
    asks.add(1, { outcome: isRefused ? 'refused' : 'granted' });
    granted.add(leases.length);
    if (!isRefused) continue;
    for (const { reason } of answer.shortages) refusals.add(1, { reason });
    if (answer.shortages.length === 0) refusals.add(1, { reason: 'disabled' });
  }
  leaseMetrics().recalled.add(recalled.length);
  passedOver.add(taken.old, { reason: 'old' });
  passedOver.add(taken.unknownProject, { reason: 'unknown-project' });
}
