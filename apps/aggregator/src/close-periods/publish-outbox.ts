import { TOPICS } from '@tallyward/contracts';
import { crashPoint, type Appender, type Log } from '@tallyward/platform';
import { setTimeout as pause } from 'node:timers/promises';
import type { BillingOutbox, QueuedEntry } from '../storage/postgres/billing/billing-outbox';
import type { ClosingEvents } from './closing-events';

/** Entries published in one turn. */
export const PUBLISHED_AT_ONCE = 1_000;
/** Pause when nothing is queued, or another instance publishes, or the log did not take all. */
export const PUBLISH_AGAIN_MS = 500;

/**
 * Publishes what closing queued: billing records and facts, in order, at least once. An entry goes
 * when the log has acked it; after one that is not known to be there, nothing of its key goes.
 */
export class PublishOutbox {
  private readonly stopping = new AbortController();
  private readonly appender: Appender;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly outbox: BillingOutbox,
    log: Log,
    private readonly events: ClosingEvents,
  ) {
    const topics = [TOPICS.billingRecords, TOPICS.facts];
    this.appender = log.appender({
      partitions: Object.fromEntries(topics.map(({ name, partitions }) => [name, partitions])),
    });
  }

  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
    await this.appender.close();
  }

  /** Publishes until nothing is left, or something has to be waited for. */
  async drain(): Promise<void> {
    for (;;) {
      const turn = await this.outbox.turn(PUBLISHED_AT_ONCE, (entries) => this.publish(entries));
      crashPoint('billing.after-turn');
      if (turn === null || turn.queued < PUBLISHED_AT_ONCE || turn.gone < turn.queued) return;
    }
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        await this.drain();
      } catch (error) {
        this.events.waits('engines', error);
      }
      await pause(PUBLISH_AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async publish(entries: readonly QueuedEntry[]): Promise<string[]> {
    const gone: string[] = [];
    const stuck = new Set<string>();
    for (const topic of new Set(entries.map((entry) => entry.topic))) {
      const mine = entries.filter((entry) => entry.topic === topic);
      const outcomes = await this.appender.append(
        topic,
        mine.map(({ key, value, headers }) => ({ key, value, headers })),
      );
      crashPoint('billing.after-publish');
      for (const [at, { id, key }] of mine.entries()) {
        const line = `${topic} ${key}`;
        if (outcomes[at]?.kind !== 'acked') stuck.add(line);
        else if (!stuck.has(line)) gone.push(id);
      }
    }
    return gone;
  }
}
