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
  type CountedKey,
  type LoggedEvent,
  type TotalsRow,
  type UsageEvent,
} from '@tallyward/domain';
import { partitionOf, type LogEntry } from '@tallyward/platform';
import { createHash } from 'node:crypto';

/** MD5 of an event's proof text, as the number that is summed. */
export function proofOf(event: UsageEvent): bigint {
  return proofOfDigest(createHash('md5').update(proofText(event)).digest());
}

/** How many keys may pile up past their time before they are swept. */
const SWEEP_EVERY_KEYS = 50_000;

/**
 * The third fold: what counts of one partition, straight from the log, with keys in memory and in
 * no store. It holds 37 days of the log's time, however long the log is.
 */
export class LogFold {
  private readonly keys = new Map<string, CountedKey>();
  private sweepAt = SWEEP_EVERY_KEYS;
  private reached = 0;

  constructor(private readonly partition: number) {}

  /** The events of these entries that count; entries come in offset order. */
  take(entries: readonly LogEntry[]): LoggedEvent[] {
    const events: LoggedEvent[] = [];
    for (const entry of entries) {
      const raw = { partition: this.partition, ...entry };
      const read = readLogEntry(raw, (key) => partitionOf(key, USAGE_PARTITIONS));
      if (read.kind === 'event') events.push(read.entry);
      this.reached = Math.max(this.reached, entry.appendedAt);
    }
    const counted = countOnce(events, identityOf, this.keys).flatMap((verdict) =>
      verdict.kind === 'counts' ? [verdict.entry] : [],
    );
    for (const entry of counted) {
      const { offset, event } = entry;
      this.keys.set(identityOf(entry), { offset, content: event.content, time: event.time });
    }
    if (this.keys.size > this.sweepAt) this.sweep();
    return counted;
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
function identityOf(entry: LoggedEvent): string {
  const digest = createHash('sha256').update(identityText(entry.event)).digest();
  return digest.toString('latin1', 0, 16);
}

/** Rows of the log by quarter, until they are final. */
export class LogQuarters {
  private readonly quarters = new Map<number, Map<string, TotalsRow>>();

  add(events: readonly LoggedEvent[]): void {
    for (const { event } of events) {
      const quarter = quarterOf(event.time);
      let rows = this.quarters.get(quarter);
      if (!rows) this.quarters.set(quarter, (rows = new Map()));
      foldTotals([event], proofOf, rows);
    }
  }

  /** Takes out the quarters before this, in order. */
  takeBefore(limit: number): Map<number, Map<string, TotalsRow>> {
    const ready = [...this.quarters].filter(([quarter]) => quarter < limit);
    for (const [quarter] of ready) this.quarters.delete(quarter);
    return new Map(ready.sort(([a], [b]) => a - b));
  }
}
