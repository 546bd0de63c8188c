import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { metrics, type ObservableGauge, type ObservableResult } from '@opentelemetry/api';
import { Readiness, type ReadinessAnswer } from '@tallyward/platform';
import { within } from '../storage/bounded';
import { UpkeepStore } from '../storage/catalog/upkeep-store';

/** The oldest entry of the outbox may wait this long; beyond, the service is not ready. */
export const OUTBOX_AGE_MS = 8_000;
/** How long a scrape of metrics waits for Postgres; without an answer it goes without. */
const ANSWER_DEADLINE_MS = 1_000;

/**
 * Is what was changed also published? Asked of the store and not of the relay: one that hangs, or
 * that nobody runs, would say nothing.
 */
@Injectable()
export class OutboxWatch implements OnApplicationBootstrap, OnModuleDestroy {
  private gauges: ObservableGauge[] = [];

  constructor(
    private readonly store: UpkeepStore,
    private readonly readiness: Readiness,
  ) {}

  onApplicationBootstrap(): void {
    this.readiness.add('outbox', () => this.moves());
    const meter = metrics.getMeter('tallyward.entitlement');
    const oldest = meter.createObservableGauge('tallyward_outbox_oldest_seconds', {
      description: 'How long the oldest entry of the outbox has waited; 0: nothing waits',
      unit: 's',
    });
    const aside = meter.createObservableGauge('tallyward_outbox_set_aside', {
      description:
        'Entries of the outbox that the log does not take, and that nobody has dealt with',
    });
    this.gauges = [oldest, aside];
    oldest.addCallback(this.observeAge);
    aside.addCallback(this.observeAside);
  }

  onModuleDestroy(): void {
    const [oldest, aside] = this.gauges;
    oldest?.removeCallback(this.observeAge);
    aside?.removeCallback(this.observeAside);
  }

  private async moves(): Promise<ReadinessAnswer> {
    const age = await this.store.outboxAgeMs();
    if (age <= OUTBOX_AGE_MS) return { ok: true };
    return { ok: false, detail: `changes have waited ${Math.round(age / 1_000)} s for the log` };
  }

  private readonly observeAside = async (result: ObservableResult): Promise<void> => {
    const asked = within(ANSWER_DEADLINE_MS, this.store.outboxSetAside());
    const entries = await asked.catch(() => undefined);
    if (entries !== undefined) result.observe(entries);
  };

  private readonly observeAge = async (result: ObservableResult): Promise<void> => {
    const asked = within(ANSWER_DEADLINE_MS, this.store.outboxAgeMs());
    const age = await asked.catch(() => undefined);
    if (age !== undefined) result.observe(age / 1_000);
  };
}
