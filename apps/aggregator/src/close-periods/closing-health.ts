import type { ReadinessAnswer } from '@tallyward/platform';

/** A look waits 20 s for the folds, and tells of each page of customers: longer is too long. */
export const STILL_AFTER_MS = 60_000;

/** Why a look did not close what is due. */
export type WaitReason = 'behind' | 'engines' | 'limits';

/** What is due of all customers, as one pass over them found it. */
export class DuePass {
  private earliest = Infinity;

  /** `at`: the instant from which on something is due that stays open, epoch ms. */
  open(at: number): void {
    this.earliest = Math.min(this.earliest, at);
  }

  get at(): number {
    return this.earliest;
  }
}

/**
 * How closing gets on, for `/readyz` and `/metrics`: it goes on telling while no look gets through.
 * All instants are epoch ms.
 */
export class ClosingHealth {
  /** From then on a period is due that is not closed; Infinity: no customer has open usage. */
  private dueAt = Infinity;
  private heldBack = 0;
  /** Of the last look that ended, and of the one that runs. */
  private reason: WaitReason | undefined;
  private nextReason: WaitReason | undefined;

  constructor(private gotOnAt: number) {}

  /** A pass found this open. Not whole: what it did not come to is due as was known before. */
  found({ at }: DuePass, isWhole: boolean): void {
    this.dueAt = isWhole ? at : Math.min(this.dueAt, at);
  }

  /** Something was closed, or a look came to every customer. */
  gotOn(now: number): void {
    this.gotOnAt = now;
  }

  waits(reason: WaitReason): void {
    this.nextReason = reason;
  }

  lookEnded(): void {
    this.reason = this.nextReason;
    this.nextReason = undefined;
  }

  held(count: number): void {
    this.heldBack = count;
  }

  /** How long the oldest period that is not closed has been due; 0: none is. */
  dueSeconds(now: number): number {
    return Math.max(0, now - this.dueAt) / 1_000;
  }

  /**
   * Never "not ready": reports and folds are well, and a bill that waits is no reason to take them
   * away. What stands still is told, as is what is held back.
   */
  answer(now: number): ReadinessAnswer {
    const detail: string[] = [];
    const stillMs = now - this.gotOnAt;
    const due = Math.round(this.dueSeconds(now));
    if (stillMs > STILL_AFTER_MS && due > 0) {
      const why = this.reason === undefined ? '' : ` (${this.reason})`;
      const still = `nothing closed and no look got through for ${Math.round(stillMs / 1_000)} s`;
      detail.push(`${still}${why}; a period is due for ${due} s`);
    } else if (this.reason === 'limits' && due > 0) {
      detail.push(`entitlement does not say what passed limits; a period is due for ${due} s`);
    }
    if (this.heldBack > 0) detail.push(`${this.heldBack} periods are held back`);
    return detail.length === 0 ? { ok: true } : { ok: true, detail: detail.join('; ') };
  }
}
