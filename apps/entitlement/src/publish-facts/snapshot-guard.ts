import { TOPICS } from '@tallyward/contracts';
import type { Log, LogEntry, LogFault, Tail } from '@tallyward/platform';
import { setTimeout as pause } from 'node:timers/promises';
import type { EntitlementEvents } from '../events';
import { type LastWord, wordOf } from './last-word';
import type { SnapshotMender } from './snapshot-mender';

/** Pause after Postgres or the log did not answer. */
export const GUARD_RETRY_MS = 1_000;

export interface GuardParts {
  readonly log: Pick<Log, 'tail'>;
  readonly mender: Pick<SnapshotMender, 'keys' | 'mend'>;
  readonly events: Pick<EntitlementEvents, 'upkeepFailed'>;
  readonly onFatal: (fault: LogFault) => void;
}

/**
 * Reads the snapshots back as gateways do, while this instance publishes them, and mends what the
 * topic's last word gets wrong: a topic that was lost is filled again; an older snapshot that came
 * after a newer one (a request of a former relay, still on its way when it lost the lock) is
 * overtaken; after a restore of the store from a backup its versions go on above the log's.
 */
export class SnapshotGuard {
  private readonly words = new Map<string, LastWord>();
  private readonly doubtful = new Set<string>();
  private caughtUp = false;
  private mending = false;

  constructor(
    private readonly parts: GuardParts,
    private readonly signal: AbortSignal,
  ) {}

  /** Ends when it has caught up and compared everything; reading goes on until the signal. */
  async run(): Promise<void> {
    while (!this.signal.aborted) {
      const tail = this.follow();
      const stop = (): void => void tail.stop();
      this.signal.addEventListener('abort', stop, { once: true });
      try {
        await tail.start();
        for (const key of this.words.keys()) this.doubtful.add(key);
        for (const key of await this.parts.mender.keys()) this.doubtful.add(key);
        this.caughtUp = true;
        return await this.mendAll();
      } catch (error) {
        this.parts.events.upkeepFailed(error);
        this.signal.removeEventListener('abort', stop);
        await tail.stop();
        await this.rest();
      }
    }
  }

  private follow(): Tail {
    return this.parts.log.tail({
      topic: TOPICS.snapshots.name,
      onEntries: (_partition, entries) => entries.forEach((entry) => this.read(entry)),
      onCaughtUp: () => undefined,
      onFatal: this.parts.onFatal,
    });
  }

  private read({ key, value }: LogEntry): void {
    if (key === null) return;
    const word = wordOf(key, value);
    const before = this.words.get(key);
    if (word) this.words.set(key, word);
    else this.words.delete(key);
    const isNews = word !== undefined && word.version > (before?.version ?? 0);
    const isRepeat = word !== undefined && word.digest === before?.digest;
    if (!this.caughtUp || isNews || isRepeat) return;
    this.doubtful.add(key);
    void this.mendAll();
  }

  private async mendAll(): Promise<void> {
    if (this.mending) return;
    this.mending = true;
    for (;;) {
      const [key] = this.doubtful;
      if (key === undefined || this.signal.aborted) break;
      this.doubtful.delete(key);
      try {
        await this.parts.mender.mend(key, this.words.get(key));
      } catch (error) {
        this.doubtful.add(key);
        this.parts.events.upkeepFailed(error);
        await this.rest();
      }
    }
    this.mending = false;
  }

  private async rest(): Promise<void> {
    await pause(GUARD_RETRY_MS, undefined, { signal: this.signal }).catch(() => undefined);
  }
}
