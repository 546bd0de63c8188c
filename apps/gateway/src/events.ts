import { Inject, Injectable } from '@nestjs/common';
import { metrics } from '@opentelemetry/api';
import type { DecisionReason, EventRejection, Outcome } from '@tallyward/contracts';
import { type ServiceLogger } from '@tallyward/platform';
import { SERVICE_LOG } from './resources';

/** Why a request did not get in. */
export type Refusal =
  'unauthenticated' | 'forbidden' | 'starting' | 'overloaded' | 'not-durable' | 'unreadable';

/** Why a decision may not stand in the decision log; `unknown`: it may stand there all the same. */
export type DecisionLoss = 'queue-full' | 'unwritable' | 'refused' | 'unknown';

const DECISION_BUCKETS_S = [
  0.000_01, 0.000_05, 0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
];

/** What leases come to at an instant. */
export interface LeaseNumbers {
  readonly waitingCalls: number;
  readonly pendingAsks: number;
  readonly leasesInHand: number;
  readonly openHolds: number;
}

/**
 * Where what happens to usage at the door becomes metric and log. Duplicates are not among it: the
 * gateway can't know them, the folds count them. No label and no line names a customer.
 */
@Injectable()
export class GatewayEvents {
  private readonly meter = metrics.getMeter('tallyward.gateway');
  private readonly accepted = this.meter.createCounter('tallyward_events_accepted_total', {
    description: 'Events that were answered as accepted: the log has them',
  });
  private readonly rejected = this.meter.createCounter('tallyward_events_rejected_total', {
    description: 'Events that were refused for what they hold, by code',
  });
  private readonly refused = this.meter.createCounter('tallyward_requests_refused_total', {
    description: 'Requests that did not get in, by reason',
  });
  private readonly decisionsLost = this.meter.createCounter('tallyward_decisions_lost_total', {
    description: 'Decisions that the decision log may not hold, by reason',
  });
  private readonly decisions = this.meter.createCounter('tallyward_decisions_total', {
    description: 'Decisions that were answered, by outcome and reason',
  });
  private readonly decisionTime = this.meter.createHistogram('tallyward_decision_seconds', {
    description: 'From a decision’s request to its answer, with waiting for leases',
    unit: 's',
    advice: { explicitBucketBoundaries: DECISION_BUCKETS_S },
  });
  private readonly unreadableGrants = this.meter.createCounter(
    'tallyward_grants_unreadable_total',
    {
      description: 'Messages of entitlement to this gateway that can not be read',
    },
  );
  private readonly snapshots = this.meter.createCounter('tallyward_snapshots_read_total', {
    description: 'Snapshots read from the log, by outcome: taken, older, unreadable',
  });

  constructor(@Inject(SERVICE_LOG) private readonly log: ServiceLogger) {}

  eventsAccepted(count: number): void {
    this.accepted.add(count);
  }

  eventsRejected(project: string, codes: readonly EventRejection[]): void {
    if (codes.length === 0) return;
    for (const code of codes) this.rejected.add(1, { code });
    this.log.info({ project, count: codes.length, codes: [...new Set(codes)] }, 'events rejected');
  }

  requestRefused(reason: Refusal): void {
    this.refused.add(1, { reason });
  }

  /** Events of one request that may or may not be in the log; the client was told to send again. */
  notDurable(project: string, count: number, reasons: readonly string[]): void {
    this.refused.add(1, { reason: 'not-durable' });
    this.log.warn({ project, count, reasons: reasons.slice(0, 3) }, 'events not known to be kept');
  }

  decisionLost(reason: DecisionLoss): void {
    this.decisionsLost.add(1, { reason });
  }

  /** At most once a second: what was lost since the last line, by reason. */
  decisionsWereLost(counts: Readonly<Partial<Record<DecisionLoss, number>>>): void {
    this.log.warn({ counts }, 'decisions may be missing from the decision log');
  }

  decided(outcome: Outcome, reason: DecisionReason | null, tookMs: number): void {
    this.decisions.add(1, { outcome, reason: reason ?? 'none' });
    this.decisionTime.record(tookMs / 1_000);
  }

  grantUnreadable(): void {
    this.unreadableGrants.add(1);
    this.log.error({}, 'a message of entitlement can not be read');
  }

  /** What leases come to, whenever somebody reads the metrics. */
  observeLeases(read: () => LeaseNumbers): void {
    const gauge = (name: keyof LeaseNumbers, metric: string, description: string): void =>
      this.meter
        .createObservableGauge(`tallyward_${metric}`, { description })
        .addCallback((result) => result.observe(read()[name]));
    gauge('waitingCalls', 'waiting_calls', 'Calls that wait for leases');
    gauge('pendingAsks', 'pending_asks', 'Asks for leases without an answer');
    gauge('leasesInHand', 'leases_in_hand', 'Leases that are not over yet');
    gauge('openHolds', 'open_holds', 'Holds that were neither settled nor released, nor expired');
  }

  snapshotRead(outcome: 'taken' | 'older' | 'unreadable', key: string | null): void {
    this.snapshots.add(1, { outcome });
    if (outcome === 'unreadable') this.log.error({ key }, 'a snapshot can not be read');
  }
}
