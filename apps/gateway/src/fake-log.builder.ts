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
  readonly appended: Entry[] = [];
  load: AppenderLoad = { ...IDLE };
  reachable = true;
  /** What becomes of the entries of one append. */
  answer: (entries: Entry[]) => Promise<AppendOutcome[]> = (entries) =>
    Promise.resolve(entries.map((entry, index) => acked(entry, this.appended.length + index)));
  private tailOptions: TailOptions | undefined;
  private isCaughtUp = false;
  private offset = 0n;

  appender(): Appender {
    return {
      append: async (_topic, entries) => {
        const outcomes = await this.answer(entries);
        this.appended.push(...entries.filter((_, index) => outcomes[index]?.kind === 'acked'));
        return outcomes;
      },
      load: () => this.load,
      close: async () => undefined,
    };
  }

  tail(options: TailOptions): Tail {
    this.tailOptions = options;
    return {
      start: async () => undefined,
      stop: async () => undefined,
      caughtUp: () => this.isCaughtUp,
      lastHeardAt: () => Date.now(),
    };
  }

  /** Puts an entry into the snapshot topic; value null is a tombstone. */
  snapshot(key: string, value: object | string | null): void {
    const text = value === null || typeof value === 'string' ? value : JSON.stringify(value);
    const entry: LogEntry = {
      offset: this.offset++,
      key,
      value: text === null ? null : Buffer.from(text),
      headers: {},
      appendedAt: Date.now(),
    };
    void this.tailOptions?.onEntries(0, [entry]);
  }

  catchUp(): void {
    this.isCaughtUp = true;
    this.tailOptions?.onCaughtUp();
  }

  get admin(): Log['admin'] {
    return { reachable: async () => this.reachable } as Log['admin'];
  }

  follow(): never {
    throw new Error('The gateway follows nothing');
  }

  readRange(): never {
    throw new Error('The gateway reads no range');
  }

  async close(): Promise<void> {}
}

function acked({ key }: Entry, offset: number): AppendOutcome {
  const { name, partitions } = TOPICS.usageEvents;
  const partition = partitionOf(key, partitions);
  return { kind: 'acked', place: { topic: name, partition, offset: BigInt(offset) } };
}
