import { Inject, Injectable } from '@nestjs/common';
import { metrics } from '@opentelemetry/api';
import type { EventRejection } from '@tallyward/contracts';
import { type ServiceLogger } from '@tallyward/platform';
import { SERVICE_LOG } from './resources';

/** Why a request did not get in. */
export type Refusal =
  'unauthenticated' | 'forbidden' | 'starting' | 'overloaded' | 'not-durable' | 'unreadable';

/** Why a decision may not stand in the decision log; `unknown`: it may stand there all the same. */
export type DecisionLoss = 'queue-full' | 'unwritable' | 'refused' | 'unknown';

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

  snapshotRead(outcome: 'taken' | 'older' | 'unreadable', key: string | null): void {
    this.snapshots.add(1, { outcome });
    if (outcome === 'unreadable') this.log.error({ key }, 'a snapshot can not be read');
  }
}
