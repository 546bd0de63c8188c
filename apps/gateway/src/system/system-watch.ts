import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { type FoldPlace, type SystemAnswer, TOPICS } from '@tallyward/contracts';
import { type Log, Readiness } from '@tallyward/platform';
import { setTimeout as pause } from 'node:timers/promises';
import type { Identity } from '../access/authenticate';
import { LOG_PORT } from '../resources';
import { Rate } from './rate';
import { type BehindName, ServicesBehind, type ServiceState } from './services-behind';

/** How old an answer of the services may be. */
const LOOK_AGE_MS = 1_000;
/** How often it looks by itself, while somebody watches, so that rates are over a minute. */
const LOOK_EVERY_MS = 5_000;
/** How long it goes on after somebody asked. */
const WATCHED_FOR_MS = 120_000;
/** The log's end is not known then. */
const LOG_WITHIN_MS = 2_000;

const BEHIND: readonly BehindName[] = ['entitlement', 'aggregator'];

interface Look {
  readonly services: SystemAnswer['services'];
  readonly end: number | null;
  readonly folds: readonly FoldPlace[];
}

/** How the whole is doing, for whoever watches it. Nothing is asked while nobody does. */
@Injectable()
export class SystemWatch implements OnApplicationShutdown {
  private looking: Promise<Look> | undefined;
  private lookedAt = -Infinity;
  private readonly rates = new Map<string, Rate>();
  private timer: NodeJS.Timeout | undefined;
  private askedAt = 0;

  constructor(
    @Inject(LOG_PORT) private readonly log: Log,
    private readonly behind: ServicesBehind,
    private readonly readiness: Readiness,
  ) {}

  async read({ project, key }: Identity): Promise<SystemAnswer> {
    this.askedAt = performance.now();
    if (this.timer === undefined) await this.begin();
    const isOperators = project.keys.some(({ operator }) => operator);
    const { services, end, folds } = await this.look();
    const last24h = await this.behind.quarantined(project.project, key.operator);
    return {
      services,
      log: isOperators ? { end, perSecond: this.rate('log') } : { end: null, perSecond: null },
      folds: folds.map(({ name, behind, lagSeconds }) => {
        if (!isOperators) return { name, behind: null, perSecond: null, lagSeconds };
        return { name, behind, perSecond: this.rate(name), lagSeconds };
      }),
      quarantine: { last24h },
      asOf: new Date().toISOString(),
    };
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** A rate takes two looks: whoever asks first waits for the second. */
  private async begin(): Promise<void> {
    this.timer = setInterval(() => {
      if (performance.now() - this.askedAt < WATCHED_FOR_MS) return void this.look();
      clearInterval(this.timer);
      this.timer = undefined;
      this.rates.clear();
    }, LOOK_EVERY_MS);
    this.timer.unref();
    await this.look();
    await pause(LOOK_AGE_MS);
  }

  private look(): Promise<Look> {
    if (!this.looking || performance.now() - this.lookedAt >= LOOK_AGE_MS) {
      this.lookedAt = performance.now();
      this.looking = this.ask();
    }
    return this.looking;
  }

  private async ask(): Promise<Look> {
    const [end, own, states, places] = await Promise.all([
      this.logEnd(),
      this.own(),
      Promise.all(BEHIND.map((name) => this.behind.state(name))),
      Promise.all(BEHIND.map((name) => this.behind.folds(name))),
    ]);
    const away: ServiceState = { state: 'down', detail: 'does not answer' };
    const services = BEHIND.map((name, n) => ({ name, ...(states[n] ?? away) }));
    const folds = places.flat();
    const at = performance.now();
    if (end !== null) this.note('log', at, end);
    for (const { name, folded } of folds) this.note(name, at, folded);
    return { services: [{ name: 'gateway', ...own }, ...services], end, folds };
  }

  private async logEnd(): Promise<number | null> {
    const late = pause(LOG_WITHIN_MS, null, { ref: false });
    // Away or late: not known.
    const asked = this.log.admin.endOffsets(TOPICS.usageEvents.name).catch(() => null);
    const ends = await Promise.race([asked, late]);
    return ends && Number([...ends.values()].reduce((sum, end) => sum + end, 0n));
  }

  private async own(): Promise<ServiceState> {
    const away = (await this.readiness.results()).filter(({ ok }) => !ok);
    if (away.length === 0) return { state: 'up', detail: 'ready' };
    const names = away.map(({ name }) => name).join(', ');
    return { state: 'degraded', detail: `Not ready: ${names}.` };
  }

  private note(name: string, at: number, count: number): void {
    const rate = this.rates.get(name) ?? new Rate();
    rate.note(at, count);
    this.rates.set(name, rate);
  }

  private rate(name: string): number | null {
    return this.rates.get(name)?.perSecond() ?? null;
  }
}
