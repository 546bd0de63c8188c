import { readLogEntry } from '@tallyward/contracts';
import {
  countOnce,
  foldTotals,
  identityText,
  PARK_AFTER_MS,
  prunableBefore,
  proofOfDigest,
  proofText,
  quarterOf,
  USAGE_PARTITIONS,
  takeFromTotals,
  type CountedKey,
  type Judged,
  type LoggedEvent,
  type LoggedVoid,
  type TotalsRow,
  type UsageEvent,
} from '@tallyward/domain';
import { partitionOf, type LogEntry } from '@tallyward/platform/engines';
import { hash } from 'node:crypto';

const digest = Buffer.alloc(16);

/** MD5 of an event's proof text, as the number that is summed. */
export function proofOf(event: UsageEvent): bigint {
  // Through a text and one buffer for all: half the time of a buffer for each.
  digest.write(hash('md5', proofText(event), 'binary'), 'binary');
  return proofOfDigest(digest);
}

/** How many keys may pile up past their time before they are swept. */
const SWEEP_EVERY_KEYS = 50_000;

/** Reads single entries of the partition again. */
export type EntriesAt = (offsets: readonly bigint[]) => Promise<LogEntry[]>;

/** What entries of the log come to: events that count, and such that do not, for a void. */
export interface FoldedEntries {
  readonly counted: readonly LoggedEvent[];
  /** Each at its own place. */
  readonly takenBack: readonly VoidedEvent[];
  /** Events that were voided before they came: they add nothing. */
  readonly voided: readonly VoidedEvent[];
}

interface VoidedEvent extends LoggedEvent {
  readonly voidedBy: bigint;
}

type Entry = LoggedEvent | LoggedVoid;
type Verdict = Judged<Entry>['verdicts'][number];

/**
 * The third fold: what counts of one partition, straight from the log, with keys in memory and in
 * no store. It holds 37 days of the log's time, however long the log is.
 */
export class LogFold {
  private readonly keys = new Map<string, CountedKey>();
  private sweepAt = SWEEP_EVERY_KEYS;
  private reached = 0;

  constructor(
    private readonly partition: number,
    private readonly entriesAt: EntriesAt,
  ) {}

  /** Entries come in offset order. What is voided long after it came is read again. */
  async take(entries: readonly LogEntry[]): Promise<FoldedEntries> {
    const read: Entry[] = [];
    for (const entry of entries) {
      const one = this.read(entry);
      if (one) read.push(one);
      this.reached = Math.max(this.reached, entry.appendedAt);
    }
    const { verdicts, changed } = countOnce(read, identityOf, this.keys);
    for (const [identity, key] of changed) this.keys.set(identity, key);
    if (this.keys.size > this.sweepAt) this.sweep();
    const counted = verdicts.flatMap((one) => (one.kind === 'counts' ? [one.entry] : []));
    const voided = verdicts.flatMap((one) =>
      one.kind === 'voided' ? [{ ...one.entry, voidedBy: one.by }] : [],
    );
    return { counted, takenBack: await this.takenBack(read, verdicts), voided };
  }

  private async takenBack(
    read: readonly Entry[],
    verdicts: readonly Verdict[],
  ): Promise<FoldedEntries['takenBack']> {
    const voids = verdicts.flatMap((one) => (one.kind === 'voids' ? [one] : []));
    if (voids.length === 0) return [];
    const events = new Map<bigint, LoggedEvent>();
    for (const entry of read) if (entry.event) events.set(entry.offset, entry);
    const away = voids.map(({ of }) => of).filter((offset) => !events.has(offset));
    for (const entry of away.length > 0 ? await this.entriesAt(away) : []) {
      const one = this.read(entry);
      if (one?.event) events.set(one.offset, one);
    }
    return voids.map(({ entry, of }) => {
      const event = events.get(of);
      if (!event) throw new Error(`The log has no event at offset ${of}, which is voided`);
      return { ...event, voidedBy: entry.offset };
    });
  }

  private read(entry: LogEntry): Entry | null {
    const raw = { partition: this.partition, ...entry };
    const read = readLogEntry(raw, (key) => partitionOf(key, USAGE_PARTITIONS));
    return read.kind === 'park' ? null : read.entry;
  }

  /** Quarters before this are final: what else the log may bring for them would be parked. */
  finalBefore(): number {
    return quarterOf(this.reached - PARK_AFTER_MS);
  }

  private sweep(): void {
    const before = prunableBefore([this.reached]);
    for (const [identity, key] of this.keys) if (key.time < before) this.keys.delete(identity);
    this.sweepAt = this.keys.size + SWEEP_EVERY_KEYS;
  }
}

/** 16 bytes of SHA-256, one character each: a key of 16 characters however long the id is. */
function identityOf(entry: Entry): string {
  const of = entry.event ?? entry.voids;
  return hash('sha256', identityText(of), 'binary').slice(0, 16);
}

/** Rows of the log by quarter, until they are final. */
export class LogQuarters {
  private readonly quarters = new Map<number, Map<string, TotalsRow>>();

  add({ counted, takenBack }: FoldedEntries): void {
    for (const { event } of counted) foldTotals([event], proofOf, this.rowsAt(event));
    for (const { event } of takenBack) takeFromTotals([event], proofOf, this.rowsAt(event));
  }

  private rowsAt({ time }: UsageEvent): Map<string, TotalsRow> {
    const quarter = quarterOf(time);
    const there = this.quarters.get(quarter);
    if (there) return there;
    const rows = new Map<string, TotalsRow>();
    this.quarters.set(quarter, rows);
    return rows;
  }

  /** Takes out the quarters before this, in order. */
  takeBefore(limit: number): Map<number, Map<string, TotalsRow>> {
    const ready = [...this.quarters].filter(([quarter]) => quarter < limit);
    for (const [quarter] of ready) this.quarters.delete(quarter);
    return new Map(ready.sort(([a], [b]) => a - b));
  }
}
