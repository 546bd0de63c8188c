import { Inject, Injectable, OnApplicationShutdown } from '@nestjs/common';
import { TOPICS } from '@tallyward/contracts';
import {
  type Log,
  type LogEntry,
  type Tail,
  Readiness,
  type ServiceLogger,
} from '@tallyward/platform';
import { GatewayEvents } from '../events';
import { FATAL, LOG_PORT, SERVICE_LOG } from '../resources';
import { Snapshots } from './snapshots';

/** A fetch waits this long for news: well below the second within which a key is revoked. */
const MAX_WAIT_MS = 250;
const RETRY_MS = 500;
/** Silence of the topic from which on this gateway says that it isn't ready. */
const SILENT_AFTER_MS = 6_000;

/** Reads the snapshots to their end, and then stays at it. */
@Injectable()
export class SnapshotFeed implements OnApplicationShutdown {
  private readonly stopping = new AbortController();
  private readonly tail: Tail;
  private retry: NodeJS.Timeout | undefined;

  constructor(
    @Inject(LOG_PORT) log: Log,
    @Inject(SERVICE_LOG) private readonly lines: ServiceLogger,
    @Inject(FATAL) fatal: (error: Error) => void,
    private readonly snapshots: Snapshots,
    private readonly events: GatewayEvents,
    readiness: Readiness,
  ) {
    this.tail = log.tail({
      topic: TOPICS.snapshots.name,
      maxWaitMs: MAX_WAIT_MS,
      onEntries: (_partition, entries) => this.take(entries),
      onCaughtUp: () => {
        const { projects, tiers, customers } = snapshots;
        const read = { projects: projects.size, tiers: tiers.size, customers: customers.size };
        lines.info(read, 'snapshots read to their end');
      },
      onFatal: fatal,
    });
    readiness.add('snapshots', () => this.readiness());
  }

  /** Tries until the topic is there; requests are refused (503) until it has been read. */
  start(): void {
    this.tail.start().catch((error: unknown) => {
      if (this.stopping.signal.aborted) return;
      this.lines.warn({ err: error }, 'the snapshots can not be read yet');
      this.retry = setTimeout(() => this.start(), RETRY_MS);
    });
  }

  caughtUp(): boolean {
    return this.tail.caughtUp();
  }

  /** How long nothing has been heard of the topic, ms; Infinity before it has been read. */
  silentMs(): number {
    return this.caughtUp() ? Date.now() - this.tail.lastHeardAt() : Infinity;
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    clearTimeout(this.retry);
    await this.tail.stop();
  }

  private take(entries: readonly LogEntry[]): void {
    for (const { key, value } of entries) {
      const outcome = this.snapshots.take(key, value);
      if (outcome !== 'unknown-kind') this.events.snapshotRead(outcome, key);
    }
  }

  private readiness() {
    if (!this.caughtUp()) return { ok: false, detail: 'not read to their end yet' };
    const silentMs = this.silentMs();
    return { ok: silentMs < SILENT_AFTER_MS, detail: `last heard ${silentMs} ms ago` };
  }
}
