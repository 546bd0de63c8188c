/** Places told apart; of more, the oldest count as one until the last of them is folded. */
const MOST_PLACES = 16;

interface Settled {
  amount: number;
  /** Of the last of them in the log. */
  place: number;
}

/** What was settled of one counter, by its place in the log, until the fold has it. */
export class SettledSince {
  private readonly places: Settled[] = [];
  private sum = 0;

  get amount(): number {
    return this.sum;
  }

  add(amount: number, place: number): void {
    if (amount === 0) return;
    this.sum += amount;
    this.places.push({ amount, place });
    if (this.places.length <= MOST_PLACES) return;
    const [oldest] = this.places.splice(0, 1) as [Settled];
    const next = this.places[0] as Settled;
    next.amount += oldest.amount;
    next.place = Math.max(next.place, oldest.place);
  }

  /** The fold has all that is before this place. */
  folded(to: number): void {
    let kept = 0;
    this.sum = 0;
    for (const one of this.places) {
      if (one.place < to) continue;
      this.places[kept++] = one;
      this.sum += one.amount;
    }
    this.places.length = kept;
  }
}
