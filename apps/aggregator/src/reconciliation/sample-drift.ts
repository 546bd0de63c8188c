import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { ReconciledPeriod } from '@tallyward/contracts';
import { UNITS, zeroAmounts } from '@tallyward/domain';
import type { LogLogger } from '@tallyward/platform';
import { setTimeout as pause } from 'node:timers/promises';
import type { PeriodPlace } from '../storage/postgres/billing/reconciled-periods';
import type { DriftStore } from '../storage/postgres/drift-store';
import { FoldsBehind, withLook, type Look, type LookParts } from './look';
import { reconciledPage } from './reconciliation.service';

/** How often all customers with usage are looked at. */
export const SAMPLE_EVERY_MS = 300_000;
/** How long what was seen is kept. */
export const DRIFT_KEPT_MS = 90 * 24 * 3_600_000;
const HOUR_MS = 3_600_000;
/** Periods that are compared at a time. */
const PAGE = 500;
/** Pages of one project in one look: with more customers than that, the last ones are left out. */
const MOST_PAGES = 100;

/**
 * Looks now and then at the periods that touch the last hour, the open ones among them, and keeps
 * how far the sides were apart: so that a store that went astray shows before a period closes.
 */
export class SampleDrift implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly parts: LookParts,
    private readonly store: DriftStore,
    private readonly lines: Pick<LogLogger, 'warn'>,
  ) {}

  onApplicationBootstrap(): void {
    this.running = this.run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        await this.look(Date.now());
      } catch (error) {
        const reason = error instanceof FoldsBehind ? 'behind' : 'engines';
        this.lines.warn({ reason, err: error }, 'the sides could not be looked at');
      }
      await pause(SAMPLE_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Looks at every project once. `now`: epoch ms. */
  async look(now: number): Promise<void> {
    await withLook(this.parts, async (look) => {
      for (const project of (await look.subscriptions.settings()).keys()) {
        if (this.stopping.signal.aborted) return;
        await this.sample(look, project, now);
      }
    });
    await this.store.prune(now - DRIFT_KEPT_MS);
  }

  private async sample(look: Look, project: string, now: number): Promise<void> {
    const drift = zeroAmounts();
    const [customers, unequal] = [new Set<string>(), new Set<string>()];
    const see = (one: ReconciledPeriod): void => {
      customers.add(one.customer);
      if (!one.equal) unequal.add(one.customer);
      for (const unit of UNITS) drift[unit] = Math.max(drift[unit], one.drift[unit]);
    };
    const span = { from: now - HOUR_MS, to: now };
    let after: PeriodPlace | null = null;
    for (let page = 0; page < MOST_PAGES && !this.stopping.signal.aborted; page += 1) {
      const wanted = { project, customer: null, span, after, most: PAGE };
      const { data, next } = await reconciledPage(look, wanted);
      for (const one of data) see(one);
      after = next;
      if (after === null) break;
    }
    if (customers.size === 0) return;
    const hour = Math.floor(now / HOUR_MS) * HOUR_MS;
    const seen = { customers: customers.size, unequal: unequal.size, drift };
    await this.store.noteHour({ project, hour, ...seen });
  }
}
