import { quotaGrant, type QuotaAsk, type QuotaGrant, TOPICS } from '@tallyward/contracts';
import { partitionKey } from '@tallyward/domain';
import {
  type Appender,
  type Entry,
  type Log,
  type LogEntry,
  partitionOf,
  type ReadinessAnswer,
  type ServiceLogger,
  type Tail,
} from '@tallyward/platform';
import type { GatewayEvents } from '../events';
import type { GatewayProcess } from './gateway-process';

/** Who waits for an answer waits for the log twice: nothing lingers for company. */
const LINGER_MS = 0;
/** An ask is repeated each second: one that hangs longer only takes room. */
const APPEND_DEADLINE_MS = 2_000;
const QUEUED_ENTRIES = 20_000;
const QUEUED_BYTES = 16 * 1024 * 1024;
const RETRY_MS = 500;
/** Silence of the grants from which on this gateway says that it isn't ready. */
const SILENT_AFTER_MS = 6_000;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The two topics between this gateway and entitlement: it writes the one and tails the other. */
export class QuotaLink {
  private readonly appender: Appender;
  private readonly tail: Tail;
  private retry: NodeJS.Timeout | undefined;
  private isStopping = false;

  constructor(
    log: Log,
    private readonly process: GatewayProcess,
    private readonly events: GatewayEvents,
    private readonly parts: {
      readonly lines: ServiceLogger;
      readonly fatal: (error: Error) => void;
      /** What entitlement tells this gateway process. */
      readonly take: (grant: QuotaGrant) => void;
    },
  ) {
    const { quotaAsks, quotaGrants } = TOPICS;
    this.appender = log.appender({
      partitions: { [quotaAsks.name]: quotaAsks.partitions },
      limits: {
        lingerMs: LINGER_MS,
        appendDeadlineMs: APPEND_DEADLINE_MS,
        maxQueuedEntries: QUEUED_ENTRIES,
        maxQueuedBytes: QUEUED_BYTES,
      },
    });
    this.tail = log.tail({
      topic: quotaGrants.name,
      partition: partitionOf(process.id, quotaGrants.partitions),
      from: 'end',
      onEntries: (_partition, entries) => this.read(entries),
      onCaughtUp: () => undefined,
      onFatal: parts.fatal,
    });
  }

  /** Tries until the topic is there. */
  start(): void {
    this.tail.start().catch((error: unknown) => {
      if (this.isStopping) return;
      this.parts.lines.warn({ err: error }, 'the grants can not be read yet');
      this.retry = setTimeout(() => this.start(), RETRY_MS);
    });
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    clearTimeout(this.retry);
    await this.tail.stop();
  }

  readiness(): ReadinessAnswer {
    if (!this.tail.caughtUp()) return { ok: false, detail: 'not yet at their end' };
    const silentMs = Date.now() - this.tail.lastHeardAt();
    return { ok: silentMs < SILENT_AFTER_MS, detail: `last heard ${silentMs} ms ago` };
  }

  /** Which of the messages the log has for certain, in their order. Never rejects. */
  async send(messages: readonly QuotaAsk[]): Promise<readonly boolean[]> {
    if (messages.length === 0) return [];
    try {
      const outcomes = await this.appender.append(TOPICS.quotaAsks.name, messages.map(entryOf));
      return outcomes.map(({ kind }) => kind === 'acked');
    } catch (error) {
      this.parts.lines.warn({ err: error }, 'the asks can not be appended');
      return messages.map(() => false);
    }
  }

  private read(entries: readonly LogEntry[]): void {
    for (const { key, value } of entries) {
      // Another gateway process of this partition.
      if (key !== this.process.id) continue;
      const grant = grantOf(value);
      if (!grant || grant.gateway !== this.process.id) this.events.grantUnreadable();
      else this.parts.take(grant);
    }
  }
}

function grantOf(value: Uint8Array | null): QuotaGrant | null {
  if (value === null) return null;
  try {
    return quotaGrant.safeParse(JSON.parse(utf8.decode(value))).data ?? null;
  } catch {
    // The caller counts and tells it.
    return null;
  }
}

function entryOf(message: QuotaAsk): Entry {
  const { project, customer } = message;
  return { key: partitionKey(project, customer), value: JSON.stringify(message) };
}
