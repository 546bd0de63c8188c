import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import type { ClosingEvents } from './closing-events';
import type { PeriodCloser } from './period-closer';
import type { PublishOutbox } from './publish-outbox';

/** How often it looks for periods to close, when the last look closed none. */
export const LOOK_EVERY_MS = 10_000;

/** Looks for periods to close for as long as the service runs, and publishes what they say. */
export class ClosePeriods implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly closer: PeriodCloser,
    private readonly outbox: PublishOutbox,
    private readonly events: ClosingEvents,
  ) {}

  onApplicationBootstrap(): void {
    this.events.start();
    this.running = this.run();
    this.outbox.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await Promise.all([this.running, this.outbox.stop()]);
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const began = performance.now();
      let closed = 0;
      try {
        closed = await this.closer.look(Date.now());
        this.events.looked((performance.now() - began) / 1_000);
      } catch (error) {
        this.events.waits('engines', error);
        this.events.looked();
      }
      if (closed > 0) continue;
      await pause(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
