import { Fenced, type LogBatch, type StoredPosition } from '@tallyward/platform';
import { setTimeout as pause } from 'node:timers/promises';
import type { FoldStore } from '../storage/postgres';
import { LONGEST_PAUSE_MS, type Ownership, type WarehouseFold } from './warehouse-fold';

/** An insert may take this long to land, tries and all, before its partition stands still. */
export const LANDED_WITHIN_MS = 6_000;

/** What this process knows of one partition between two assignments. */
export class OwnedPartition {
  /** Where the next batch begins, as the store last said or was told; its fence. */
  private next: bigint | undefined;
  private settling: Promise<void> | undefined;
  private isSettled = false;
  private assignment = 0;
  /** What is not known to have landed: since when, and why the last try to finish it failed. */
  private open: { readonly since: number; why: string } | undefined;

  constructor(
    readonly partition: number,
    private readonly store: Pick<FoldStore, 'position'>,
    private readonly fold: Pick<WarehouseFold, 'load' | 'finishOpen'>,
    private readonly stopped: AbortSignal,
  ) {}

  /** Asked at every assignment and before every new try. */
  async position(): Promise<StoredPosition> {
    const { next, topicIdentity, intentOpen } = await this.store.position(this.partition);
    this.next = next;
    this.isSettled = !intentOpen;
    this.open = intentOpen ? (this.open ?? { since: performance.now(), why: '' }) : undefined;
    // Nobody else would finish it while no further entry comes.
    if (intentOpen) void this.settleEventually(++this.assignment);
    return { next, identity: topicIdentity };
  }

  revoked(): void {
    this.assignment += 1;
    this.next = undefined;
    this.open = undefined;
  }

  /**
   * Why it stands still behind an insert, if it does. The follower can't tell: the offset was moved
   * before the insert (PROTOCOL 22), so it sees nothing ahead.
   */
  fault(): string | undefined {
    if (!this.open) return undefined;
    const ms = performance.now() - this.open.since;
    if (ms < LANDED_WITHIN_MS) return undefined;
    const why = this.open.why ? `: ${this.open.why}` : '';
    return `an insert of partition ${this.partition} has not landed for ${Math.round(ms / 1_000)} s${why}`;
  }

  async take(batch: LogBatch): Promise<void> {
    const owner = { isRevoked: () => batch.isRevoked(), stopped: this.stopped };
    if (!this.isSettled) await this.settle(owner);
    const from = this.next;
    if (from === undefined) throw new Fenced(`Partition ${this.partition} was revoked`);
    const entries = batch.entries.filter(({ offset }) => offset >= from);
    const source = { partition: this.partition, from, to: batch.next, entries };
    // Whatever goes wrong in between, the store is asked before the next try.
    this.next = undefined;
    this.open = { since: performance.now(), why: '' };
    await this.fold.load(source, batch.identity, owner);
    this.open = undefined;
    this.next = batch.next > from ? batch.next : from;
  }

  private settle(owner: Ownership): Promise<void> {
    this.settling ??= this.fold
      .finishOpen(this.partition, owner)
      .then(() => {
        this.isSettled = true;
        this.open = undefined;
      })
      .catch((error: unknown) => {
        if (this.open) this.open.why = error instanceof Error ? error.message : String(error);
        throw error;
      })
      .finally(() => {
        this.settling = undefined;
      });
    return this.settling;
  }

  private async settleEventually(assignment: number): Promise<void> {
    const owner = {
      isRevoked: () => this.assignment !== assignment,
      stopped: this.stopped,
    };
    while (!this.isSettled && !owner.isRevoked() && !this.stopped.aborted) {
      try {
        await this.settle(owner);
      } catch {
        // The fold has told of it; an engine that is away comes back, and then this goes on.
        await pause(LONGEST_PAUSE_MS, undefined, { signal: this.stopped }).catch(() => undefined);
      }
    }
  }
}
