import { AppendOutcome } from './append-types';

/** One append() call on its way to its answer. */
export interface PendingAppend {
  outcomes: AppendOutcome[];
  /** Entries without an outcome yet. */
  left: number;
  deadlineAt: number;
  entries: QueuedEntry[];
  resolve(outcomes: AppendOutcome[]): void;
}

export interface WireMessage {
  key: string;
  value: Buffer | string | null;
  headers: Record<string, string> | undefined;
  partition: number;
}

export interface QueuedEntry {
  message: WireMessage;
  bytes: number;
  index: number;
  pending: PendingAppend;
  /** From the first time it was handed to the library: from then on its fate may be unknown. */
  sent: boolean;
  /** Has its outcome; a lane skips it. */
  done: boolean;
}

/** What one request carries of one partition. */
export interface Parcel {
  topic: string;
  partition: number;
  entries: QueuedEntry[];
  bytes: number;
}

/** Taken entries are cut off the queue in steps of this many, not one by one. */
const COMPACT_FROM = 1_024;

export interface LaneLimits {
  lingerMs: number;
  maxBatchEntries: number;
  maxBatchBytes: number;
}

/**
 * The queue of one partition. At most one request of it is in flight, so that the order of appends
 * is the order in
 * the log, also when a request is repeated: a failed parcel goes again, whole and first.
 */
export class Lane {
  private queue: QueuedEntry[] = [];
  private head = 0;
  private bytes = 0;
  private oldestAt = 0;
  private repeat: QueuedEntry[] | undefined;
  private notBefore = 0;
  /**
   * After a refusal by the broker the lane goes alone, so that it spoils no other partition's
   * request.
   */
  alone = false;
  busy = false;

  constructor(
    readonly topic: string,
    readonly partition: number,
    private readonly limits: LaneLimits,
  ) {}

  add(entry: QueuedEntry, now: number): void {
    if (this.waiting === 0) this.oldestAt = now;
    this.queue.push(entry);
    this.bytes += entry.bytes;
  }

  get full(): boolean {
    return this.waiting >= this.limits.maxBatchEntries || this.bytes >= this.limits.maxBatchBytes;
  }

  /**
   * When it may be sent; undefined: nothing to send, or not before what is in flight is answered.
   */
  readyAt(): number | undefined {
    if (this.busy) return undefined;
    if (this.repeat) return this.notBefore;
    if (this.waiting === 0) return undefined;
    return Math.max(this.notBefore, this.full ? 0 : this.oldestAt + this.limits.lingerMs);
  }

  /** Takes the next parcel, or nothing when all that waited has been answered meanwhile. */
  take(): Parcel | undefined {
    const entries = this.repeat?.filter((entry) => !entry.done) ?? [];
    this.repeat = undefined;
    let bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
    const { maxBatchEntries, maxBatchBytes } = this.limits;
    while (this.head < this.queue.length && entries.length < maxBatchEntries) {
      const entry = this.queue[this.head] as QueuedEntry;
      if (!entry.done && entries.length > 0 && bytes + entry.bytes > maxBatchBytes) break;
      this.head += 1;
      this.bytes -= entry.bytes;
      if (entry.done) continue;
      entries.push(entry);
      bytes += entry.bytes;
    }
    this.compact();
    if (entries.length === 0) return undefined;
    this.busy = true;
    return { topic: this.topic, partition: this.partition, entries, bytes };
  }

  answered(): void {
    this.busy = false;
    this.alone = false;
    this.notBefore = 0;
  }

  failed(parcel: Parcel, notBefore: number): void {
    this.busy = false;
    this.notBefore = notBefore;
    if (parcel.entries.some((entry) => !entry.done)) this.repeat = parcel.entries;
  }

  private get waiting(): number {
    return this.queue.length - this.head;
  }

  private compact(): void {
    if (this.head < this.queue.length && this.head < COMPACT_FROM) return;
    this.queue = this.queue.slice(this.head);
    this.head = 0;
  }
}
