import { Inject, Injectable } from '@nestjs/common';
import { TOPICS } from '@tallyward/contracts';
import type { Log } from '@tallyward/platform';
import { LOG_PORT } from '../resources';
import { within } from '../storage/bounded';
import { usagePlaceOf } from '../storage/entitlements/present-counters';
import { TotalsStore } from '../storage/totals/totals-store';

/** How old an answer about the log's end and the fold's place may be. */
export const LOOK_AGE_MS = 1_000;
/** How long whoever asks waits for a newer one; then the last one is the answer. */
export const LOOK_DEADLINE_MS = 2_000;

const topic = TOPICS.usageEvents.name;

/** As of when counters and totals are whole. */
@Injectable()
export class CountedUntil {
  private looking: Promise<void> | undefined;
  private lookedAt = 0;
  /** By partition: an instant before which every acked event is counted; it never goes back. */
  private readonly wholeBefore = new Map<number, number>();

  constructor(
    @Inject(LOG_PORT) private readonly log: Pick<Log, 'admin'>,
    private readonly store: TotalsStore,
  ) {}

  /**
   * An instant (epoch ms) before which every acked event of a customer is counted; 0 before
   * anything is known. It rests when the fold or the log does, so it shows a standstill. Taken
   * before what it is told of is read.
   */
  async asOf(project: string, customer: string): Promise<number> {
    // What was known before still holds while the log or Postgres is away, or hangs.
    await within(LOOK_DEADLINE_MS, this.look()).catch(() => undefined);
    return this.wholeBefore.get(usagePlaceOf(project, customer).partition) ?? 0;
  }

  private look(): Promise<void> {
    if (!this.looking || Date.now() - this.lookedAt > LOOK_AGE_MS) {
      this.lookedAt = Date.now();
      const looking = this.ask();
      this.looking = looking;
      looking.catch(() => {
        if (this.looking === looking) this.looking = undefined;
      });
    }
    return this.looking;
  }

  private async ask(): Promise<void> {
    // The clock first, then the log's end, then the fold's place: each may only be too early.
    const at = Date.now();
    const ends = await this.log.admin.endOffsets(topic);
    for (const { partition, next, reached } of await this.store.progress(topic)) {
      // An entry appended in the same millisecond as the last folded one may come after it.
      const whole = next >= (ends.get(partition) ?? 0n) ? at : (reached ?? 1) - 1;
      this.wholeBefore.set(partition, Math.max(whole, this.wholeBefore.get(partition) ?? 0));
    }
  }
}
