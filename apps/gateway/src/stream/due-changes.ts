import { CHANGE_KINDS, type ChangeKind } from '@tallyward/contracts';

/** Between two events of one stream, at least. */
export const TELL_EVERY_MS = 2_000;
/** Folds take up what the log took within this, as a rule: then it is told once more. */
export const FOLDED_AFTER_MS = 5_000;

/** What is logged first, and is in what pages read a little later. */
const FOLDED: readonly ChangeKind[] = ['usage', 'decisions', 'billing'];

/** What one stream is to be told, and when: merged, so that it never grows. */
export class DueChanges {
  private readonly due = new Set<ChangeKind>();
  /** Kind → when it is told again. */
  private readonly again = new Map<ChangeKind, number>();
  private toldAt = -Infinity;

  /** Instants in ms of one clock. */
  note(kinds: readonly ChangeKind[], now: number): void {
    for (const kind of kinds) {
      this.due.add(kind);
      if (FOLDED.includes(kind)) this.again.set(kind, now + FOLDED_AFTER_MS);
    }
  }

  /** The kinds to tell now, in the order of CHANGE_KINDS; none: not yet, or nothing. */
  take(now: number): ChangeKind[] {
    if (now - this.toldAt < TELL_EVERY_MS) return [];
    for (const [kind, at] of this.again) {
      if (at > now) continue;
      this.again.delete(kind);
      this.due.add(kind);
    }
    if (this.due.size === 0) return [];
    const kinds = CHANGE_KINDS.filter((kind) => this.due.has(kind));
    this.due.clear();
    this.toldAt = now;
    return kinds;
  }
}
