import { usageEvent, type SentEvent } from '@tallyward/testing';
import { Agent } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { post, type Posted } from './flood-request';
import type { Row } from './row';

const TICK_MS = 20;
/** Requests without an answer that a flood holds at most: more are not sent, and counted so. */
const MOST_OPEN = 6_000;
const RETRY_MS = 200;
const RESENDERS = 4;
const ACKED_WITHIN_MS = 120_000;
const CUSTOMERS = 40;

export interface FloodShape {
  readonly gateway: 'gateway-1' | 'gateway-2';
  readonly requestsPerSecond: number;
  readonly eventsPerRequest: number;
}

/**
 * Clients that wait for nobody: so many requests a second, whatever becomes of those before (an
 * open loop). Events of a request that was answered 429 are not sent again and must not count;
 * those of one that may be in the log are, once the flood is over.
 */
export class Flood {
  /** Answers by status, or by what the connection said. */
  readonly answers = new Map<string, number>();
  readonly faults: string[] = [];
  private readonly agent = new Agent({ keepAlive: true });
  private readonly unknown: number[] = [];
  private readonly open = new Set<Promise<void>>();
  private made = 0;
  private givenUp = false;
  private began = 0;
  private ended = Infinity;
  /** The first ack of what is sent again, on the clock of `performance`. */
  private ackedAgainAt: number | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly row: Row,
    readonly shape: FloodShape,
  ) {}

  start(): void {
    this.began = performance.now();
    this.timer = setInterval(() => this.send(), TICK_MS);
  }

  /** Ends it; resolves when every request is answered, and what may be in the log is acked. */
  async finish(): Promise<void> {
    clearInterval(this.timer);
    this.ended = performance.now();
    await Promise.all(this.open);
    await Promise.all(Array.from({ length: RESENDERS }, () => this.resend()));
    this.agent.destroy();
  }

  /** What it was, for the table. */
  line(): string {
    const { gateway, eventsPerRequest } = this.shape;
    const seconds = (this.ended - this.began) / 1_000;
    const rate = Math.round((this.made * eventsPerRequest) / seconds);
    const answers = [...this.answers].sort().map(([kind, times]) => `${times} × ${kind}`);
    const offered = `${rate} events/s offered in requests of ${eventsPerRequest}`;
    const again = ((this.ackedAgainAt ?? NaN) - this.ended) / 1_000;
    return `${gateway}: ${offered} for ${seconds.toFixed(0)} s, answered ${answers.join(', ')}; acked again ${again.toFixed(1)} s after the log was back`;
  }

  private send(): void {
    const due = ((performance.now() - this.began) / 1_000) * this.shape.requestsPerSecond;
    for (; this.made < due; this.made += 1) {
      if (this.open.size >= MOST_OPEN) {
        this.count('not sent: the client has too many open');
        continue;
      }
      const sending: Promise<void> = this.sendOnce(this.made).finally(() => {
        this.open.delete(sending);
      });
      this.open.add(sending);
    }
  }

  private async sendOnce(request: number): Promise<void> {
    const events = this.eventsOf(request);
    const { kind, retryAfter } = await this.post(events);
    this.count(kind);
    if (kind === '202') return this.acked(events);
    if ((kind === '429' || kind === '503') && retryAfter === undefined) {
      this.faults.push(`a ${kind} did not say when to try again`);
    }
    // What was refused so is nowhere: were it counted, the verdict would see it.
    if (kind === '429') return;
    for (const event of events) this.row.load.truth.sent(this.project.project, event);
    this.unknown.push(request);
  }

  private async resend(): Promise<void> {
    for (let request = this.unknown.pop(); request !== undefined; request = this.unknown.pop()) {
      const events = this.eventsOf(request);
      const until = performance.now() + ACKED_WITHIN_MS;
      while ((await this.post(events)).kind !== '202') {
        if (this.givenUp || performance.now() > until) return this.giveUp();
        await pause(RETRY_MS);
      }
      this.ackedAgainAt ??= performance.now();
      this.acked(events);
    }
  }

  private giveUp(): void {
    if (!this.givenUp) this.faults.push('what was sent again was not acked');
    this.givenUp = true;
  }

  private acked(events: readonly SentEvent[]): void {
    const { truth } = this.row.load;
    for (const event of events) {
      truth.sent(this.project.project, event);
      truth.acked(this.project.project, event);
    }
  }

  /** The same each time it is asked for. */
  private eventsOf(request: number): SentEvent[] {
    const { eventsPerRequest, gateway } = this.shape;
    const { key } = this.row;
    return Array.from({ length: eventsPerRequest }, (_, n) => {
      const id = `${key}-${gateway}-${request}-${n}`;
      const customer = `${key}-f${(request + n) % CUSTOMERS}`;
      const time = this.row.startedAt - n;
      return usageEvent({ id, customer, time, source: 'flood', inputTokens: n, outputTokens: 1 });
    });
  }

  private get project(): { project: string; key: string } {
    const [project] = this.row.fleet.projects;
    if (!project) throw new Error('no project');
    return project;
  }

  private post(events: readonly SentEvent[]): Promise<Posted> {
    const url = this.row.fleet.member(this.shape.gateway).url;
    return post({ url, key: this.project.key, agent: this.agent }, events);
  }

  private count(kind: string): void {
    this.answers.set(kind, (this.answers.get(kind) ?? 0) + 1);
  }
}
