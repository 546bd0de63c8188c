import { TOPICS } from '@tallyward/contracts';
import { partitionOf } from '@tallyward/platform';
import type {
  Appender,
  AppenderLoad,
  AppendOutcome,
  Entry,
  Log,
  LogEntry,
  Tail,
  TailOptions,
} from '@tallyward/platform';

const IDLE: AppenderLoad = {
  queuedBytes: 0,
  queuedEntries: 0,
  inFlight: 0,
  fullness: 0,
  healthy: true,
};

/** A log in memory for unit specs: what was appended, and answers that a spec can change. */
export class FakeLog implements Log {
  /** What the usage log took. */
  readonly appended: Entry[] = [];
  /** What other topics took, by topic. */
  readonly written = new Map<string, Entry[]>();
  /** Topics, beside the usage log, that give no answer to an append. */
  readonly silent = new Set<string>();
  load: AppenderLoad = { ...IDLE };
  reachable = true;
  /** Topics whose next tail can not start. */
  readonly unread = new Set<string>();
  /** Where topics end, by partition; the log is away for others. */
  readonly ends = new Map<string, Map<number, bigint>>();
  /** What becomes of the entries of one append to the usage log. */
  answer: (entries: Entry[]) => Promise<AppendOutcome[]> = (entries) =>
    Promise.resolve(entries.map((entry, index) => acked(entry, this.appended.length + index)));
  /** Sees what another topic took. */
  onWritten: (topic: string, entries: Entry[]) => void = () => undefined;
  private readonly tails = new Map<string, TailOptions>();
  private isCaughtUp = false;
  private offset = 0n;

  appender(): Appender {
    return {
      append: (topic, entries) =>
        topic === TOPICS.usageEvents.name ? this.record(entries) : this.write(topic, entries),
      load: () => this.load,
      close: async () => undefined,
    };
  }

  tail(options: TailOptions): Tail {
    this.tails.set(options.topic, options);
    return {
      start: async () => {
        if (!this.unread.delete(options.topic)) return;
        this.tails.delete(options.topic);
        throw new Error('The topic is not there yet');
      },
      stop: async () => undefined,
      caughtUp: () => this.isCaughtUp,
      lastHeardAt: () => Date.now(),
    };
  }

  /** Puts an entry into the snapshot topic; value null is a tombstone. */
  snapshot(key: string, value: object | string | null): void {
    this.put(TOPICS.snapshots.name, key, value);
  }

  /** Puts an entry into a topic that the gateway tails. */
  put(
    topic: string,
    key: string,
    value: object | string | null,
    headers: Record<string, string> = {},
  ): void {
    const text = value === null || typeof value === 'string' ? value : JSON.stringify(value);
    const entry: LogEntry = {
      offset: this.offset++,
      key,
      value: text === null ? null : Buffer.from(text),
      headers,
      appendedAt: Date.now(),
    };
    void this.tails.get(topic)?.onEntries(0, [entry]);
  }

  catchUp(): void {
    this.isCaughtUp = true;
    for (const tail of this.tails.values()) tail.onCaughtUp();
  }

  get admin(): Log['admin'] {
    const endOffsets = async (topic: string) => {
      const ends = this.ends.get(topic);
      if (!ends) throw new Error('The log is away');
      return ends;
    };
    return { reachable: async () => this.reachable, endOffsets } as unknown as Log['admin'];
  }

  follow(): never {
    throw new Error('The gateway follows nothing');
  }

  readRange(): never {
    throw new Error('The gateway reads no range');
  }

  readAt(): never {
    throw new Error('The gateway reads no range');
  }

  async close(): Promise<void> {}

  private async record(entries: Entry[]): Promise<AppendOutcome[]> {
    const outcomes = await this.answer(entries);
    this.appended.push(...entries.filter((_, index) => outcomes[index]?.kind === 'acked'));
    return outcomes;
  }

  private async write(topic: string, entries: Entry[]): Promise<AppendOutcome[]> {
    if (this.silent.has(topic)) return entries.map(() => ({ kind: 'unknown', reason: 'silent' }));
    const before = this.written.get(topic) ?? [];
    this.written.set(topic, [...before, ...entries]);
    // A tail hears of it in another turn, as from a broker.
    setImmediate(() => this.onWritten(topic, entries));
    return entries.map((entry, index) => acked(entry, before.length + index, topic));
  }
}

function acked(
  { key }: Entry,
  offset: number,
  topic: string = TOPICS.usageEvents.name,
): AppendOutcome {
  const partition = partitionOf(key, TOPICS.usageEvents.partitions);
  return { kind: 'acked', place: { topic, partition, offset: BigInt(offset) } };
}
