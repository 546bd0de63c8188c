import { context, propagation } from '@opentelemetry/api';
import type { ObservableResult } from '@opentelemetry/api';
import { PendingAppend, QueuedEntry } from './append-lane';
import { APPEND_LIMITS } from './append-limits';
import { Appender, AppenderLoad, AppendLimits, AppendOutcome, Entry } from './append-types';
import { Batcher, BatcherEvents, RequestSender, SendFailure } from './batcher';
import { LogFault } from './log-fault';
import { logMetrics } from './log-metrics';
import { partitionOf } from './murmur2';

/** Framing of one record, roughly; the bounds need not be exact. */
const RECORD_OVERHEAD_BYTES = 32;

export interface AppenderParts {
  sender: RequestSender & { close(): void };
  /** The broker's own count of partitions; asked once per topic and again after every reconnect. */
  countPartitions(topic: string): Promise<number>;
  partitions: Record<string, number>;
  limits: Partial<AppendLimits> | undefined;
}

export class BatchingAppender implements Appender {
  private readonly limits: AppendLimits;
  private readonly batcher: Batcher;
  private readonly waiting = new Set<PendingAppend>();
  private readonly checked = new Map<string, Promise<void>>();
  private queuedEntries = 0;
  private queuedBytes = 0;
  private healthy = true;
  private fault: LogFault | undefined;
  private closed = false;
  private deadlineTimer: NodeJS.Timeout | undefined;

  constructor(private readonly parts: AppenderParts) {
    this.limits = { ...APPEND_LIMITS, ...parts.limits };
    const events: BatcherEvents = {
      acked: (entry, topic, partition, offset) =>
        this.settle(entry, { kind: 'acked', place: { topic, partition, offset } }),
      rejected: (entry, reason) => this.settle(entry, { kind: 'unknown', reason }),
      requestEnded: (outcome, parcels) => {
        this.healthy = outcome === 'acked';
        const entries = parcels.reduce((sum, parcel) => sum + parcel.entries.length, 0);
        logMetrics().requestEntries.record(entries, { outcome: labelOf(outcome) });
      },
    };
    this.batcher = new Batcher(parts.sender, this.limits, events);
    logMetrics().queued.addCallback(this.observeQueue);
  }

  async append(topic: string, entries: Entry[]): Promise<AppendOutcome[]> {
    const startedAt = performance.now();
    const outcomes = await this.appended(topic, entries);
    const seconds = (performance.now() - startedAt) / 1_000;
    logMetrics().appendSeconds.record(seconds, { topic });
    countOutcomes(topic, outcomes);
    return outcomes;
  }

  load(): AppenderLoad {
    const { maxQueuedBytes, maxQueuedEntries } = this.limits;
    const { queuedBytes, queuedEntries } = this;
    const fullness = Math.max(queuedBytes / maxQueuedBytes, queuedEntries / maxQueuedEntries);
    const inFlight = this.batcher.inFlight;
    return { queuedBytes, queuedEntries, inFlight, fullness, healthy: this.healthy };
  }

  async close(): Promise<void> {
    this.closed = true;
    const left = [...this.waiting].map(
      (pending) => new Promise<void>((done) => settleHook(pending, done)),
    );
    await Promise.all(left);
    clearTimeout(this.deadlineTimer);
    this.batcher.stop();
    this.parts.sender.close();
    logMetrics().queued.removeCallback(this.observeQueue);
  }

  /** After a reconnect: the number of partitions must still be what every key was placed by. */
  async recheck(): Promise<void> {
    const topics = [...this.checked.keys()];
    this.checked.clear();
    try {
      await Promise.all(topics.map((topic) => this.check(topic)));
    } catch (error) {
      this.onUnchecked(error);
      throw error;
    }
  }

  private async appended(topic: string, entries: Entry[]): Promise<AppendOutcome[]> {
    const partitions = this.parts.partitions[topic];
    if (partitions === undefined)
      throw new Error(`topic ${topic} was not declared to the appender`);
    if (this.fault) throw this.fault;
    if (this.closed) return entries.map(() => ({ kind: 'refused', reason: 'closed' }));
    if (!this.hasRoomFor(entries)) {
      return entries.map(() => ({ kind: 'refused', reason: 'overloaded' }));
    }
    if (entries.length === 0) return [];
    const answer = new Promise<AppendOutcome[]>((resolve) => {
      const deadlineAt = performance.now() + this.limits.appendDeadlineMs;
      const pending: PendingAppend = { outcomes: [], left: 0, deadlineAt, entries: [], resolve };
      this.enqueue(pending, topic, partitions, entries);
    });
    return answer;
  }

  private hasRoomFor(entries: Entry[]): boolean {
    const { maxQueuedBytes, maxQueuedEntries } = this.limits;
    return (
      this.queuedEntries + entries.length <= maxQueuedEntries && this.queuedBytes < maxQueuedBytes
    );
  }

  private enqueue(pending: PendingAppend, topic: string, partitions: number, entries: Entry[]) {
    const traced: Record<string, string> = {};
    propagation.inject(context.active(), traced);
    const isTraced = Object.keys(traced).length > 0;
    entries.forEach(({ key, value, headers }, index) => {
      const merged = isTraced ? { ...headers, ...traced } : headers;
      const bytes = sizeOf(key, value, merged);
      if (bytes > this.limits.maxEntryBytes) {
        pending.outcomes[index] = { kind: 'refused', reason: 'too-large' };
        return;
      }
      const message = { key, value, headers: merged, partition: partitionOf(key, partitions) };
      pending.entries.push({ message, bytes, index, pending, sent: false, done: false });
      this.queuedBytes += bytes;
    });
    pending.left = pending.entries.length;
    this.queuedEntries += pending.left;
    if (pending.left === 0) return pending.resolve(pending.outcomes);
    this.waiting.add(pending);
    this.watchDeadline();
    this.check(topic).then(
      () => this.batcher.add(topic, pending.entries),
      (error: unknown) => this.onUnchecked(error),
    );
  }

  private check(topic: string): Promise<void> {
    let check = this.checked.get(topic);
    if (!check) {
      check = this.countedAsDeclared(topic);
      this.checked.set(topic, check);
      check.catch(() => this.checked.delete(topic));
    }
    return check;
  }

  private async countedAsDeclared(topic: string): Promise<void> {
    const declared = this.parts.partitions[topic];
    const found = await this.parts.countPartitions(topic);
    if (found === declared) return;
    const message = `${topic} has ${found} partitions, not ${declared}: keys would move`;
    throw new LogFault('partitions-changed', message);
  }

  /** Entries that were never queued wait for their deadline, unless waiting cannot mend it. */
  private onUnchecked(error: unknown): void {
    this.healthy = false;
    if (error instanceof LogFault && error.code === 'partitions-changed') this.fault = error;
  }

  private settle(entry: QueuedEntry, outcome: AppendOutcome): void {
    if (entry.done) return;
    entry.done = true;
    this.queuedEntries -= 1;
    this.queuedBytes -= entry.bytes;
    const { pending } = entry;
    pending.outcomes[entry.index] = outcome;
    pending.left -= 1;
    if (pending.left > 0) return;
    this.waiting.delete(pending);
    pending.resolve(pending.outcomes);
  }

  // All appends have the same time to live, so the first that waits is the first to end.
  private watchDeadline(): void {
    if (this.deadlineTimer) return;
    const [first] = this.waiting;
    if (!first) return;
    this.deadlineTimer = setTimeout(
      () => {
        this.deadlineTimer = undefined;
        this.endOverdue();
        this.watchDeadline();
      },
      Math.max(1, first.deadlineAt - performance.now()),
    );
  }

  private endOverdue(): void {
    const now = performance.now();
    const overdue = new Set<QueuedEntry>();
    for (const pending of this.waiting) {
      if (pending.deadlineAt > now) break;
      for (const entry of pending.entries) if (!entry.done) overdue.add(entry);
    }
    if (overdue.size === 0) return;
    this.healthy = false;
    for (const entry of overdue) {
      this.settle(
        entry,
        entry.sent
          ? { kind: 'unknown', reason: `no answer within ${this.limits.appendDeadlineMs} ms` }
          : { kind: 'refused', reason: 'not-sent' },
      );
    }
    this.batcher.giveUp(overdue);
  }

  private readonly observeQueue = (result: ObservableResult) => result.observe(this.queuedEntries);
}

function settleHook(pending: PendingAppend, done: () => void): void {
  const { resolve } = pending;
  pending.resolve = (outcomes) => {
    resolve(outcomes);
    done();
  };
}

function sizeOf(key: string, value: Entry['value'], headers: Entry['headers']): number {
  let bytes = RECORD_OVERHEAD_BYTES + key.length;
  if (value !== null) bytes += Buffer.byteLength(value);
  for (const name in headers) bytes += name.length + (headers[name] as string).length + 2;
  return bytes;
}

function labelOf(outcome: 'acked' | SendFailure): string {
  return outcome === 'acked' ? 'acked' : outcome.kind;
}

function countOutcomes(topic: string, outcomes: AppendOutcome[]): void {
  const counts = { acked: 0, unknown: 0, refused: 0 };
  for (const { kind } of outcomes) counts[kind] += 1;
  for (const [outcome, count] of Object.entries(counts)) {
    if (count > 0) logMetrics().appended.add(count, { topic, outcome });
  }
}
