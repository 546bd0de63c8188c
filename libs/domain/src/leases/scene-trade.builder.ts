import { Scene, TOKENS } from './scene.builder';
import type { SimulatedGateway } from './simulator/gateway';
import type { Hold } from './hold';

/** Asks of one call, at most: one that is told to wait goes away. */
const MOST_ASKS = 4;
/** Calls of one sale, at most. */
const MOST_CALLS = 2_000;

/** A scene whose gateways ask whenever they are short, and give back what is recalled. */
export class TradingScene extends Scene {
  /** One call: its hold, or why there is none. */
  call(gateway: SimulatedGateway, need: number, want: number): Hold | 'used-up' | 'held' {
    for (let asks = 0; asks < MOST_ASKS; asks++) {
      const found = this.tryHold(gateway, need);
      if (found.kind === 'held') return found.hold;
      if (found.kind === 'refused') return found.shortages[0]?.reason ?? 'held';
      const ask = this.ask(gateway, need, { want });
      const answer = this.answerTo(ask);
      this.return(gateway.book.answered(ask.id, answer, gateway.clocks) ?? []);
      if (answer.kind === 'granted') continue;
      if (answer.shortages[0]?.reason === 'used-up') return 'used-up';
      this.recall();
    }
    return 'held';
  }

  /** Calls that settle at once, until it is used up or only a wait would help: how many. */
  sell(gateway: SimulatedGateway, need: number, actual: number, settleAt = gateway): number {
    for (let sold = 0; sold < MOST_CALLS; sold++) {
      const hold = this.call(gateway, need, 50);
      if (typeof hold === 'string') return sold;
      this.fold(this.settle(hold, settleAt, actual));
    }
    return MOST_CALLS;
  }

  /** PROTOCOL 6: what others have in hand comes back, and who was refused hears of it. */
  private recall(): void {
    const { leased } = this.counter();
    for (const { id, book } of this.gateways) {
      const leases = [...this.postgres.open.values()].filter(({ gateway }) => gateway === id);
      this.return(book.recalled(leases.map((lease) => lease.id)));
    }
    if (this.counter().leased === leased) return;
    for (const { book } of this.gateways) book.freed([TOKENS]);
  }
}
