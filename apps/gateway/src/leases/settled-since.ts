/** Places told apart; of more, two neighbours each count as one until the later is folded. */
const MOST_PLACES = 16;

/** What was settled of one counter, by its place in the log, until the fold has it. */
export class SettledSince {
  private amounts: number[] = [];
  /** Of the last in the log of what each amount is of. */
  private places: number[] = [];
  private sum = 0;

  get amount(): number {
    return this.sum;
  }

  add(amount: number, place: number): void {
    if (amount === 0) return;
    if (this.places.length === MOST_PLACES) this.pair();
    this.sum += amount;
    this.amounts.push(amount);
    this.places.push(place);
  }

  /** The fold has all that is before this place. */
  folded(to: number): void {
    const isLeft = (_: number, at: number): boolean => (this.places[at] as number) >= to;
    this.amounts = this.amounts.filter(isLeft);
    this.places = this.places.filter(isLeft);
    this.sum = this.amounts.reduce((sum, amount) => sum + amount, 0);
  }

  private pair(): void {
    const { amounts, places } = this;
    for (let pair = 0; pair < MOST_PLACES / 2; pair++) {
      const [one, other] = [2 * pair, 2 * pair + 1];
      amounts[pair] = (amounts[one] as number) + (amounts[other] as number);
      places[pair] = Math.max(places[one] as number, places[other] as number);
    }
    amounts.length = places.length = MOST_PLACES / 2;
  }
}
