/**
 * What buyers know of one limit: a hold counts whole from the answer that admits it until its
 * settlement is sent, and from then on with what that says, as its rest may be sold to another
 * before the answer is here. What the product really has out is never less, so `most` above the
 * amount and its overruns proves that it sold too much.
 */
export class Till {
  private readonly open = new Map<string, number>();
  private held = 0;
  /** Settled, and acked. */
  sold = 0;
  /** The most that was sold and held at one moment. */
  most = 0;

  admitted(hold: string, need: number): void {
    if (this.open.has(hold)) throw new Error(`two calls were given the hold ${hold}`);
    this.open.set(hold, need);
    this.held += need;
    this.most = Math.max(this.most, this.sold + this.held);
  }

  /** A settlement is sent, perhaps not for the first time. */
  settling(hold: string, actual: number): void {
    this.held += actual - (this.open.get(hold) ?? 0);
    this.open.set(hold, actual);
  }

  /** The log has the settlement. */
  settled(hold: string, actual: number): void {
    this.close(hold);
    this.sold += actual;
  }

  /**
   * What passed the amount, by the totals (`used`) or at one moment, beyond the limit's overruns,
   * which are the fold's word, not the buyers': a clock of theirs could call too much late.
   */
  oversold(amount: number, used: number, overrun: number): number {
    return Math.max(0, Math.max(used, this.most) - amount - overrun);
  }

  released(hold: string): void {
    this.close(hold);
  }

  get unsettled(): number {
    return this.open.size;
  }

  private close(hold: string): void {
    this.held -= this.open.get(hold) ?? 0;
    this.open.delete(hold);
  }
}
