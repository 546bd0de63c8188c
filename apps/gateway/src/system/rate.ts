/** Rates are over so long, at most. */
export const RATE_OVER_MS = 60_000;

/** How fast a count grows, by what was seen of it. */
export class Rate {
  private readonly seen: { readonly at: number; readonly count: number }[] = [];

  /** `at`: ms of one clock. A count that fell back is another one: it begins anew. */
  note(at: number, count: number): void {
    const last = this.seen.at(-1);
    if (last && count < last.count) this.seen.length = 0;
    this.seen.push({ at, count });
    while ((this.seen[0]?.at ?? at) < at - RATE_OVER_MS) this.seen.shift();
  }

  /** Null until it was seen twice. */
  perSecond(): number | null {
    const [first, last] = [this.seen[0], this.seen.at(-1)];
    if (!first || !last || last.at <= first.at) return null;
    const perSecond = ((last.count - first.count) * 1_000) / (last.at - first.at);
    return Math.round(perSecond * 10) / 10;
  }
}
