import { PartitionLag, TopicIdentity } from './follow-types';

/**
 * One assigned partition. `next` is undefined while its position is being asked for, or after a
 * fence: then
 * whatever is fetched of it is left alone.
 */
export class FollowedPartition {
  next: bigint | undefined;
  identity: TopicIdentity = '';
  /** The assignment it belongs to; a handler begun under an older one has been revoked. */
  epoch = 0;
  isOwned = false;
  running: Promise<unknown> | undefined;
  /** Why its handler or its position fails, while it does. */
  failure: string | undefined;
  retryMs = 0;
  end = 0n;
  reconnectedFor = false;
  private standingAt: bigint | undefined;
  private standingSince: number | undefined;
  private failingSince: number | undefined;

  constructor(
    readonly topic: string,
    readonly partition: number,
  ) {}

  get name(): string {
    return `${this.topic}/${this.partition}`;
  }

  assigned(epoch: number): void {
    this.epoch = epoch;
    this.isOwned = true;
    this.next = undefined;
    // What failed under the last assignment may work under this one: the watchdog judges anew.
    this.failure = undefined;
    this.failingSince = undefined;
  }

  revoked(): void {
    this.isOwned = false;
    this.next = undefined;
  }

  handled(next: bigint): void {
    this.next = next;
    this.failure = undefined;
    this.failingSince = undefined;
    this.retryMs = 0;
    this.reconnectedFor = false;
  }

  failed(reason: string, now: number): void {
    this.failure = reason;
    this.failingSince ??= now;
  }

  /**
   * Given up, not failing: if nobody takes it and it stays ours (late heartbeats alone can make a
   * handler believe it was revoked), it stands still, and the watchdog joins anew.
   */
  fenced(): void {
    this.failure = undefined;
    this.failingSince = undefined;
  }

  /** The watchdog's look: how long (ms) it has stood at one place with entries after it. */
  look(end: bigint, now: number): number {
    this.end = end;
    if (this.next !== undefined && this.next >= end) {
      this.forgetStanding();
      return 0;
    }
    // Unplaced is no progress: a new membership that ends up at the same place goes on standing
    // there.
    const hasMoved = this.next !== undefined && this.next !== this.standingAt;
    if (this.standingSince === undefined || hasMoved) this.standingSince = now;
    this.standingAt = this.next ?? this.standingAt;
    return now - this.standingSince;
  }

  failingMs(now: number): number {
    return this.failingSince === undefined ? 0 : now - this.failingSince;
  }

  forgetStanding(): void {
    this.standingSince = undefined;
    this.standingAt = undefined;
  }

  /** While the position is being asked for, the last one known. */
  lag(): PartitionLag {
    const next = this.next ?? this.standingAt ?? this.end;
    const { topic, partition, end } = this;
    return { topic, partition, next, end, lag: end > next ? end - next : 0n };
  }
}
