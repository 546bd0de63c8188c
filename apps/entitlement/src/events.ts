import { Inject, Injectable } from '@nestjs/common';
import { metrics } from '@opentelemetry/api';
import type { AppendOutcome, ServiceLogger } from '@tallyward/platform';
import { SERVICE_LOG } from './resources';
import type { OutboxHead } from './storage/outbox/relay-session';

/** Made on first use, when the meter provider is in place. Labels: type, reason, outcome. */
function instruments() {
  const meter = metrics.getMeter('tallyward.entitlement');
  return {
    facts: meter.createCounter('tallyward_catalog_facts_total', {
      description: 'Facts about projects, by type',
    }),
    refused: meter.createCounter('tallyward_catalog_refused_total', {
      description: 'Management requests refused, by code',
    }),
    replayed: meter.createCounter('tallyward_catalog_replayed_total', {
      description: 'Requests answered from their Idempotency-Key',
    }),
    published: meter.createCounter('tallyward_outbox_published_total', {
      description: 'Outbox entries by outcome: acked, unknown, refused',
    }),
    active: meter.createUpDownCounter('tallyward_outbox_relay_active', {
      description: '1 while this instance publishes the outbox',
    }),
    mended: meter.createCounter('tallyward_snapshots_mended_total', {
      description: 'Snapshots published again because the topic had none, an older or another one',
    }),
  };
}

let made: ReturnType<typeof instruments> | undefined;
const meters = () => (made ??= instruments());

export interface ChangeTold {
  readonly project: string;
  readonly actor: string;
  readonly facts: readonly { readonly type: string }[];
  readonly version: string;
}

/** Where what happens in this service becomes a metric and a line in its log: nowhere else. */
@Injectable()
export class EntitlementEvents {
  constructor(@Inject(SERVICE_LOG) private readonly log: ServiceLogger) {}

  projectChanged({ project, actor, facts, version }: ChangeTold): void {
    for (const { type } of facts) meters().facts.add(1, { type });
    const types = facts.map(({ type }) => type);
    this.log.info({ project, actor, facts: types, version }, 'a project changed');
  }

  changeRefused(code: string): void {
    meters().refused.add(1, { code });
  }

  changeReplayed(): void {
    meters().replayed.add(1);
  }

  relayActivated(): void {
    meters().active.add(1);
    this.log.info('this instance publishes the outbox');
  }

  relayDeactivated(lost: boolean): void {
    meters().active.add(-1);
    this.log[lost ? 'warn' : 'info']({ lost }, 'this instance no longer publishes the outbox');
  }

  relayFailed(error: unknown): void {
    this.log.warn({ err: error }, 'a turn of the outbox relay failed');
  }

  outboxPublished(outcomes: readonly AppendOutcome[]): void {
    for (const { kind } of outcomes) meters().published.add(1, { outcome: kind });
    const open = outcomes.filter(({ kind }) => kind !== 'acked');
    if (open.length === 0) return;
    const reasons = [
      ...new Set(open.map((outcome) => ('reason' in outcome ? outcome.reason : ''))),
    ];
    this.log.warn({ entries: open.length, reasons }, 'the log did not take all of the outbox');
  }

  /** Nothing else waits for it; whoever reads the topic does without it until somebody acts. */
  outboxSetAside({ id, topic, key, bytes }: OutboxHead): void {
    this.log.error({ id, topic, key, bytes }, 'an entry of the outbox is too large for the log');
  }

  snapshotMended(project: string, reason: string): void {
    meters().mended.add(1, { reason });
    this.log.warn({ project, reason }, 'a snapshot is published again');
  }

  /** A gateway goes on to take the keys of a project that the store has lost. */
  snapshotOrphaned(project: string): void {
    this.log.error({ project }, 'the log has a snapshot of a project that the store does not know');
  }

  waitingForTopics(error: unknown): void {
    this.log.warn({ err: error }, 'the topics can not be made yet');
  }

  storageTrouble(message: string, error: unknown): void {
    this.log.warn({ err: error }, message);
  }

  upkeepFailed(error: unknown): void {
    this.log.warn({ err: error }, 'upkeep failed and will be tried again');
  }
}
