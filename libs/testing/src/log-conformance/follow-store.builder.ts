import { Fenced } from '@tallyward/platform';
import type { FollowLimits, LogBatch, LogFault, StoredPosition } from '@tallyward/platform';

/**
 * A store as a fold's: positions and effects change together, and only from where they stand. In
 * memory, so that a test can hold a handler between reading and storing.
 */
export class FollowStore {
  readonly positions = new Map<number, StoredPosition>();
  /** Every effect that was stored, as partition@offset, in order. */
  readonly stored: string[] = [];
  readonly asked: number[] = [];
  fenced = 0;

  async position(partition: number): Promise<StoredPosition> {
    this.asked.push(partition);
    return this.positions.get(partition) ?? { next: 0n, identity: null };
  }

  /** Compare-and-set, then the effects: what a transaction would do. */
  commit(batch: LogBatch): void {
    const stands = this.positions.get(batch.partition)?.next ?? 0n;
    if (stands !== batch.from) {
      this.fenced += 1;
      throw new Fenced(`${batch.partition} stands at ${stands}, not ${batch.from}`);
    }
    this.positions.set(batch.partition, { next: batch.next, identity: batch.identity });
    for (const { offset } of batch.entries) this.stored.push(`${batch.partition}@${offset}`);
  }

  get doubled(): string[] {
    return this.stored.filter((place, at) => this.stored.indexOf(place) !== at);
  }
}

/** Quick enough for a test, with the same order among them as the real ones. */
export const QUICK: Partial<FollowLimits> = {
  maxWaitMs: 50,
  sessionTimeoutMs: 6_000,
  retryFromMs: 50,
  retryToMs: 200,
  watchEveryMs: 200,
};

/** Keeps the first fault, and lets a test wait for it. */
export class Faults {
  readonly seen: LogFault[] = [];
  readonly take = (fault: LogFault): void => void this.seen.push(fault);
}
