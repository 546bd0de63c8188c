import { prunableBefore } from '@tallyward/domain';
import type { LogEntry } from '@tallyward/platform';
import type { InsertRange } from '../storage/clickhouse';
import type { Decide, OpenIntent, Taken } from '../storage/postgres/fold-steps';
import type { CountedBatch, FormedBatch, StoredKey } from './form-batch';

/** The process died here. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/** How many inserts this ClickHouse remembers by token: few, so that zombies come after it. */
const REMEMBERED = 2;

/**
 * Log, Postgres and ClickHouse of one partition in memory, as strict as the real ones: transactions
 * are whole, keys unique, tokens forgotten. The process dies after as many effects as it is told.
 */
export class CrashingEngines {
  next = 0n;
  landed = 0n;
  private intent: OpenIntent | null = null;
  private reachedAt = 0;
  private readonly keys = new Map<string, StoredKey>();
  private readonly parked: bigint[] = [];
  private readonly table = new Map<string, string>();
  private readonly tokens: string[] = [];
  private readonly sent: { range: InsertRange; rows: readonly string[] }[] = [];
  private effectsLeft = Infinity;

  constructor(
    private readonly partition: number,
    private readonly entries: readonly LogEntry[],
  ) {}

  crashAfter(effects: number | undefined): void {
    this.effectsLeft = effects ?? Infinity;
  }

  private effect(): void {
    if (this.effectsLeft === 0) throw new Crash();
    this.effectsLeft -= 1;
  }

  async take(batch: FormedBatch, _topic: string, decide: Decide): Promise<Taken> {
    if (batch.from !== this.next) return { kind: 'fenced' };
    if (this.intent) return { kind: 'intent-open' };
    const counted = decide(await this.keysOf(batch));
    this.effect();
    this.store(counted);
    return { kind: 'taken', batch: counted };
  }

  private store({ from, to, counted, parked, reused, reachedAt }: CountedBatch): void {
    for (const identity of reused) this.keys.delete(identity);
    for (const { identity, partition, offset, event } of counted) {
      if (this.keys.has(identity)) throw new Error(`Two keys of ${identity}`);
      this.keys.set(identity, { partition, offset, content: event.content, time: event.time });
    }
    this.parked.push(...parked.map(({ offset }) => offset).sort(byOffset));
    this.reachedAt = Math.max(this.reachedAt, reachedAt);
    this.next = to;
    const { partition } = this;
    if (counted.length > 0) this.intent = { partition, from, to, topicIdentity: 'topic' };
    else this.landed = to;
  }

  async insert(range: InsertRange, rows: readonly string[]): Promise<void> {
    this.effect();
    this.sent.push({ range, rows });
    this.apply(range, rows);
  }

  private apply(range: InsertRange, rows: readonly string[]): void {
    const token = `${range.from}-${range.to}`;
    if (this.tokens.includes(token)) return;
    for (const row of rows) {
      const { offset } = JSON.parse(row) as { offset: string };
      if (this.table.has(offset)) continue;
      this.table.set(offset, row);
    }
    this.tokens.push(token);
    if (this.tokens.length > REMEMBERED) this.tokens.shift();
  }

  /** A request of a process long gone arrives now. */
  repeatAnyInsert(pick: number): void {
    const old = this.sent[pick % Math.max(this.sent.length, 1)];
    if (old) this.apply(old.range, old.rows);
  }

  async land({ from, to }: Pick<OpenIntent, 'from' | 'to'>): Promise<void> {
    this.effect();
    if (this.intent?.from !== from || this.intent.to !== to) return;
    this.intent = null;
    this.landed = to;
  }

  async openIntent(): Promise<OpenIntent | null> {
    return this.intent;
  }

  async keysOf({ events }: FormedBatch): Promise<Map<string, StoredKey>> {
    const found = events.map(({ identity }) => [identity, this.keys.get(identity)] as const);
    return new Map(found.filter((pair): pair is [string, StoredKey] => pair[1] !== undefined));
  }

  async readRange(range: {
    from: bigint;
    to: bigint;
    onEntries(entries: LogEntry[]): Promise<void> | void;
  }): Promise<bigint> {
    await range.onEntries(this.entries.slice(Number(range.from), Number(range.to)));
    return range.to;
  }

  /** Whatever may go goes at once. */
  prune(): void {
    const before = prunableBefore([this.reachedAt]);
    for (const [identity, { time, offset }] of this.keys) {
      const isOpen = this.intent && offset >= this.intent.from && offset < this.intent.to;
      if (time < before && !isOpen) this.keys.delete(identity);
    }
  }

  rows(): bigint[] {
    return [...this.table.keys()].map(BigInt).sort(byOffset);
  }

  parkedOffsets(): bigint[] {
    return [...this.parked].sort(byOffset);
  }
}

const byOffset = (a: bigint, b: bigint): number => (a < b ? -1 : Number(a > b));
