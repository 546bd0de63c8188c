import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { type ChangeKind, TOPICS } from '@tallyward/contracts';
import type { Log, LogEntry, ServiceLogger, Tail } from '@tallyward/platform';
import { LOG_PORT, SERVICE_LOG } from '../resources';
import { changeOf, kindsFor } from './change-kinds';

/** Streams of one gateway at once. */
export const MOST_STREAMS = 200;
/** How long the topics are read on after the last one has gone: pages are opened anew. */
const LINGER_MS = 30_000;
const RETRY_MS = 2_000;
const MAX_WAIT_MS = 1_000;

const TAILED = [TOPICS.usageEvents, TOPICS.quotaDecisions, TOPICS.facts, TOPICS.billingRecords];

export interface Listener {
  readonly project: string;
  /** Null: the whole project. */
  readonly customer: string | null;
  readonly changed: (kinds: readonly ChangeKind[]) => void;
}

/**
 * Tells open streams of what the log takes, whichever gateway it came through. The topics are read
 * only while somebody listens, from their ends; what can't be read then is told to nobody, and
 * pages read anew by themselves now and then.
 */
@Injectable()
export class ChangeFeed implements OnApplicationShutdown {
  private readonly listeners = new Set<Listener>();
  private tails: Tail[] = [];
  private readonly retries = new Set<NodeJS.Timeout>();
  private lingering: NodeJS.Timeout | undefined;

  constructor(
    @Inject(LOG_PORT) private readonly log: Log,
    @Inject(SERVICE_LOG) private readonly lines: ServiceLogger,
  ) {}

  /** Answers what to call when nobody listens any more; undefined where there is no room. */
  listen(listener: Listener): (() => void) | undefined {
    if (this.listeners.size >= MOST_STREAMS) return undefined;
    this.listeners.add(listener);
    clearTimeout(this.lingering);
    if (this.tails.length === 0) this.tails = TAILED.map(({ name }) => this.tailOf(name));
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size > 0) return;
      this.lingering = setTimeout(() => void this.stop(), LINGER_MS);
      this.lingering.unref();
    };
  }

  async onApplicationShutdown(): Promise<void> {
    clearTimeout(this.lingering);
    await this.stop();
  }

  private tailOf(topic: string): Tail {
    const tail = this.log.tail({
      topic,
      from: 'end',
      maxWaitMs: MAX_WAIT_MS,
      onEntries: (_partition, entries) => this.tell(topic, entries),
      onCaughtUp: () => undefined,
      // Nothing that counts or decides hangs on it: it is begun anew.
      onFatal: (fault) => this.retry(fault, topic, tail),
    });
    tail.start().catch((error: unknown) => this.retry(error, topic, tail));
    return tail;
  }

  /** Until the topic can be read, while it is wanted. */
  private retry(error: unknown, topic: string, tail: Tail): void {
    if (!this.tails.includes(tail)) return;
    this.lines.warn({ err: error, topic }, 'changes can not be told of yet');
    const retry = setTimeout(() => {
      this.retries.delete(retry);
      this.tails = this.tails.filter((one) => one !== tail).concat(this.tailOf(topic));
      void tail.stop();
    }, RETRY_MS);
    this.retries.add(retry);
  }

  private async stop(): Promise<void> {
    const tails = this.tails;
    this.tails = [];
    for (const retry of this.retries) clearTimeout(retry);
    this.retries.clear();
    await Promise.all(tails.map((tail) => tail.stop()));
  }

  private tell(topic: string, entries: readonly LogEntry[]): void {
    // Many entries of one batch are of one customer: each listener is told once.
    const seen = new Set<string>();
    for (const { key, headers } of entries) {
      const type = topic === TOPICS.facts.name ? headers['ce_type'] : undefined;
      const what = `${key}\n${type}`;
      if (seen.has(what)) continue;
      seen.add(what);
      const change = changeOf(topic, key, type);
      if (!change) continue;
      for (const listener of this.listeners) {
        const kinds = kindsFor(change, listener);
        if (kinds.length > 0) listener.changed(kinds);
      }
    }
  }
}
