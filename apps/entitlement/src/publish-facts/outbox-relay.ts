import { TOPICS, type TopicDeclaration } from '@tallyward/contracts';
import {
  type Appender,
  type AppendOutcome,
  crashPoint,
  type Log,
  LogFault,
} from '@tallyward/platform';
import { setTimeout as pause } from 'node:timers/promises';
import type { EntitlementEvents } from '../events';
import { SNAPSHOT_BYTES } from '../storage/catalog/record-change';
import { type OutboxHead, RelaySession } from '../storage/outbox/relay-session';
import { planPublications, type Publication, settledRows, untakenHeads } from './outbox-plan';

/** Rows looked at in one turn. */
export const RELAY_ROWS = 500;
/** Bytes of values held in one turn. */
export const RELAY_BYTES = 4_194_304;
/** How often the active relay looks without being woken. */
export const RELAY_POLL_MS = 1_000;
/** How often a standing-by relay tries for the lock, and any relay for a Postgres that is away. */
export const STANDBY_POLL_MS = 500;
/** Pause after a turn that published less than it wanted; doubles up to the longest. */
export const RETRY_FROM_MS = 100;
export const RETRY_TO_MS = 2_000;
/** What a snapshot's headers and framing may add to it. */
const ENTRY_ROOM_BYTES = 16_384;

export interface RelayParts {
  readonly log: Log;
  readonly postgresUrl: string;
  readonly instance: string;
  readonly events: EntitlementEvents;
  /** What waiting does not mend, as a topic whose partitions have changed. */
  readonly onFatal: (fault: LogFault) => void;
  /** Told when this relay has become the active one, and when it no longer is. */
  onActive?(signal: AbortSignal): void;
}

/**
 * Publishes the outbox, in order, by one active relay at a time: whoever holds the advisory lock.
 * An entry is deleted when the log has acked it, so a crash anywhere costs a repeat and loses
 * nothing; readers go by version. How it fails: a holder that dies frees the lock with its
 * connection; one that is suspended loses it after SILENT_HOLDER_MS.
 */
export class OutboxRelay {
  private readonly stopping = new AbortController();
  private readonly appender: Appender;
  private wake: () => void = () => undefined;
  private woken = false;
  private active = false;
  private running: Promise<void> | undefined;

  constructor(private readonly parts: RelayParts) {
    const topics: TopicDeclaration[] = [TOPICS.snapshots, TOPICS.facts, TOPICS.quarantine];
    this.appender = parts.log.appender({
      partitions: Object.fromEntries(topics.map(({ name, partitions }) => [name, partitions])),
      limits: {
        maxBatchBytes: SNAPSHOT_BYTES + ENTRY_ROOM_BYTES,
        maxEntryBytes: SNAPSHOT_BYTES + ENTRY_ROOM_BYTES,
      },
    });
  }

  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.rouse();
    await this.running;
    await this.appender.close();
  }

  get isActive(): boolean {
    return this.active;
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      await this.standBy();
      // Also after a turn that failed: whatever is wrong must not be asked in a tight loop.
      await this.rest(STANDBY_POLL_MS);
    }
  }

  /** Tries for the lock on one session, holds it while it can, and lets go of the session. */
  private async standBy(): Promise<void> {
    const { postgresUrl, instance, events } = this.parts;
    let session: RelaySession | undefined;
    try {
      session = await RelaySession.open(postgresUrl, instance, () => this.rouse());
      while (!this.stopping.signal.aborted) {
        if (await session.tryLock()) return await this.hold(session);
        await this.rest(STANDBY_POLL_MS);
      }
    } catch (error) {
      events.relayFailed(error);
      if (error instanceof LogFault) this.parts.onFatal(error);
    } finally {
      await session?.close();
    }
  }

  private async hold(session: RelaySession): Promise<void> {
    const { events } = this.parts;
    const holding = new AbortController();
    this.active = true;
    events.relayActivated();
    this.parts.onActive?.(holding.signal);
    try {
      await this.publishWhileHeld(session);
    } finally {
      this.active = false;
      holding.abort();
      events.relayDeactivated(session.lost);
    }
  }

  private async publishWhileHeld(session: RelaySession): Promise<void> {
    let retryMs = RETRY_FROM_MS;
    while (!this.stopping.signal.aborted && !session.lost) {
      this.woken = false;
      const heads = await session.heads(RELAY_ROWS);
      if (heads.length === 0) {
        await this.sleep(RELAY_POLL_MS);
        continue;
      }
      const planned = planPublications(heads, RELAY_BYTES);
      crashPoint('outbox.before-publish');
      const outcomes = await this.publish(session, planned);
      crashPoint('outbox.after-publish');
      const gone = settledRows(planned, outcomes);
      if (gone.length > 0) await session.delete(gone);
      crashPoint('outbox.after-delete');
      this.parts.events.outboxPublished(outcomes);
      const untaken = untakenHeads(planned, outcomes);
      if (untaken.length > 0) await this.setAside(session, untaken);
      const acked = outcomes.filter(({ kind }) => kind === 'acked').length;
      if (acked + untaken.length === outcomes.length) {
        retryMs = RETRY_FROM_MS;
        continue;
      }
      await this.rest(retryMs);
      retryMs = Math.min(retryMs * 2, RETRY_TO_MS);
    }
  }

  private async setAside(session: RelaySession, heads: readonly OutboxHead[]): Promise<void> {
    await session.setAside(heads.map(({ id }) => id));
    for (const head of heads) this.parts.events.outboxSetAside(head);
  }

  /** One outcome per publication; each topic's entries in their order. */
  private async publish(
    session: RelaySession,
    planned: readonly Publication[],
  ): Promise<AppendOutcome[]> {
    const values = await session.values(planned.map(({ head }) => head.id));
    const outcomes: AppendOutcome[] = [];
    const topics = new Set(planned.map(({ head }) => head.topic));
    await Promise.all(
      [...topics].map(async (topic) => {
        const places = [...planned.keys()].filter((at) => planned[at]?.head.topic === topic);
        const entries = places.map((at) => {
          const { id, key } = (planned[at] as Publication).head;
          const row = values.get(id);
          if (!row) throw new Error(`outbox row ${id} went without the relay`);
          return { key, value: row.value, headers: row.headers };
        });
        const answers = await this.appender.append(topic, entries);
        crashPoint('outbox.after-topic');
        places.forEach((at, index) => (outcomes[at] = answers[index] as AppendOutcome));
      }),
    );
    return outcomes;
  }

  private rouse(): void {
    this.woken = true;
    this.wake();
  }

  /** Sleeps until woken, at most `ms`; a wake that came since the last look counts. */
  private async sleep(ms: number): Promise<void> {
    if (this.stopping.signal.aborted) return;
    if (this.woken) {
      this.woken = false;
      return;
    }
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      timer = setTimeout(resolve, ms);
    });
    clearTimeout(timer);
    this.wake = () => undefined;
    this.woken = false;
  }

  /** Does nothing for a while; cut short when the relay stops, which the loops see themselves. */
  private async rest(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }
}
