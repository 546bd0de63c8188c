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
  private readonly table: { readonly offset: bigint; readonly voids: bigint }[] = [];
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

  private store({ from, to, parked, reused, reachedAt, ...batch }: CountedBatch): void {
    const { changed, counted, pairs } = batch;
    for (const identity of reused) this.keys.delete(identity);
    for (const [identity, key] of changed) {
      if (this.keys.has(identity)) throw new Error(`Two keys of ${identity}`);
      this.keys.set(identity, { partition: this.partition, ...key });
    }
    this.parked.push(...parked.map(({ offset }) => offset).sort(byOffset));
    this.reachedAt = Math.max(this.reachedAt, reachedAt);
    this.next = to;
    const { partition } = this;
    if (counted.length + pairs.length > 0)
      this.intent = { partition, from, to, topicIdentity: 'topic' };
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
    const there = new Set(this.places());
    for (const row of rows) {
      const { offset, voids } = JSON.parse(row) as { offset: string; voids: string };
      if (!there.has(BigInt(offset)))
        this.table.push({ offset: BigInt(offset), voids: BigInt(voids) });
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

  async readAt({ offsets }: { readonly offsets: readonly bigint[] }): Promise<LogEntry[]> {
    return this.entries.filter(({ offset }) => offsets.includes(offset));
  }

  /** Whatever may go goes at once. */
  prune(): void {
    const before = prunableBefore([this.reachedAt]);
    const isOpen = (offset: bigint | null): boolean =>
      this.intent !== null &&
      offset !== null &&
      offset >= this.intent.from &&
      offset < this.intent.to;
    for (const [identity, { time, offset, voidedAt }] of this.keys) {
      if (time < before && !isOpen(offset) && !isOpen(voidedAt)) this.keys.delete(identity);
    }
  }

  /** Where the events stand that have a row. */
  rows(): bigint[] {
    return this.table.flatMap(({ offset, voids }) => (voids < 0n ? [offset] : [])).sort(byOffset);
  }

  /** Where the events stand that are taken back. */
  takenBack(): bigint[] {
    return this.table.flatMap(({ voids }) => (voids < 0n ? [] : [voids])).sort(byOffset);
  }

  private places(): bigint[] {
    return this.table.map(({ offset }) => offset);
  }

  parkedOffsets(): bigint[] {
    return [...this.parked].sort(byOffset);
  }
}

const byOffset = (a: bigint, b: bigint): number => (a < b ? -1 : Number(a > b));
