import { encodeLogEntry, LOG_ENTRY_TYPE, TOPICS } from '@tallyward/contracts';
import { partitionKey } from '@tallyward/domain';
import { partitionOf, type Entry, type LogEntry } from '@tallyward/platform';
import { hash } from 'node:crypto';
import { usageEvent, type SentEvent } from '../builders/usage-events';

export const BENCH_PROJECT = 'demo';
const { partitions } = TOPICS.usageEvents;
const CUSTOMERS = 2_000;
const MODELS = ['gpt-4o', 'gpt-4o-mini', 'o3'] as const;
const GROUP = 'standard';
/** Coprime with the customers: neighbours in the stream are of different ones. */
const STRIDE = 7_919;
/** Events of one millisecond of the stream's time. */
const PER_MS = 20;
const ROUGHLY_AN_HOUR_MS = 3_600_000;

export const benchCustomer = (n: number): string => `customer-${(n * STRIDE) % CUSTOMERS}`;

/** The stream begins this long ago, so that no event of it lies ahead. */
export const streamStart = (now = Date.now()): number => now - ROUGHLY_AN_HOUR_MS;

/** Event `n` of a run, as a client sends it: about 300 bytes, always the same. */
export function benchEvent(
  run: string,
  n: number,
  start: number,
  customer = benchCustomer(n),
): SentEvent {
  return usageEvent({
    id: `${run}-${n}`,
    source: 'bench',
    customer,
    time: start + Math.floor(n / PER_MS),
    model: MODELS[n % MODELS.length] ?? MODELS[0],
    inputTokens: 100 + (n % 900),
    outputTokens: 10 + (n % 190),
    tags: { feature: 'summarise' },
  });
}

/** The same, as the gateway writes it into the log. */
export function benchEntry(run: string, n: number, start: number, customer?: string): Entry {
  const sent = benchEvent(run, n, start, customer);
  const { inputTokens = 0, outputTokens = 0, model, tags = {} } = sent.data;
  const time = Date.parse(sent.time);
  const whose = sent.subject;
  const value = encodeLogEntry({
    project: BENCH_PROJECT,
    customer: whose,
    source: sent.source,
    id: sent.id,
    time,
    receivedAt: time + 1_000,
    catalogueVersion: 1,
    content: hash('sha256', sent.id, 'hex'),
    model,
    modelGroup: GROUP,
    workspace: '',
    user: '',
    role: '',
    inputTokens,
    outputTokens,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    reasoningTokens: 0,
    images: 0,
    toolCalls: 0,
    tags,
  });
  const headers = {
    ce_specversion: '1.0',
    ce_id: sent.id,
    ce_type: LOG_ENTRY_TYPE,
    ce_source: sent.source,
    ce_subject: whose,
    ce_time: sent.time,
  };
  return { key: partitionKey(BENCH_PROJECT, whose), value, headers };
}

/** Customers of the stream whose home is this partition. */
function customersOf(partition: number): string[] {
  const all = Array.from({ length: CUSTOMERS }, (_, n) => `customer-${n}`);
  const home = (customer: string) => partitionOf(partitionKey(BENCH_PROJECT, customer), partitions);
  return all.filter((customer) => home(customer) === partition);
}

/** A partition of the log in memory, handed out batch by batch. */
class BenchPartition {
  private next = 0n;
  private readonly customers: readonly string[];

  constructor(
    private readonly run: string,
    readonly partition: number,
    private readonly start: number,
  ) {
    this.customers = customersOf(partition);
  }

  /** The next entries, as the log port hands them on. */
  take(count: number): LogEntry[] {
    const { customers } = this;
    return Array.from({ length: count }, () => {
      const offset = this.next;
      this.next += 1n;
      const n = Number(offset);
      const customer = customers[n % customers.length] ?? '';
      const id = `${this.run}-${this.partition}`;
      const { key, value, headers = {} } = benchEntry(id, n, this.start, customer);
      const bytes = Buffer.from(value ?? '');
      return { offset, appendedAt: Date.now(), key, value: bytes, headers };
    });
  }
}

/** Consecutive entries of one partition, as a follower hands them on. */
export interface BenchBatch {
  readonly partition: number;
  readonly from: bigint;
  /** One past the last entry. */
  readonly to: bigint;
  readonly entries: LogEntry[];
}

/** The whole log in memory. Each side of a comparison has its own run: all of it is new to it. */
export class BenchBatches {
  private readonly made: readonly BenchPartition[];

  constructor(
    run: string,
    private readonly size: number,
  ) {
    const start = streamStart();
    this.made = Array.from({ length: partitions }, (_, p) => new BenchPartition(run, p, start));
  }

  /** The next batches by partition, in the order of the log; about so many events in all. */
  take(events: number): BenchBatch[][] {
    const each = Math.max(1, Math.round(events / partitions / this.size));
    return this.made.map((one) => Array.from({ length: each }, () => this.batchOf(one)));
  }

  private batchOf(one: BenchPartition): BenchBatch {
    const entries = one.take(this.size);
    const from = entries[0]?.offset ?? 0n;
    return { partition: one.partition, from, to: from + BigInt(entries.length), entries };
  }
}

export const eventsIn = (lists: readonly (readonly { entries: readonly unknown[] }[])[]): number =>
  lists.flat().reduce((sum, { entries }) => sum + entries.length, 0);
