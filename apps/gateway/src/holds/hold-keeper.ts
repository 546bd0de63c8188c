import {
  type Call,
  type ClockReading,
  type HoldToken,
  holdEventId,
  type ReleaseAnswer,
} from '@tallyward/domain';
import type { Leases } from '../leases/leases';
import { SettledHere } from './settled-here';
import type { UsageTrail } from './usage-trail';

/** `told`: its owner gives it back once it hears; `unknown`: it may not hear. */
export type Released = ReleaseAnswer | 'told' | 'unknown';

/** What became of an append; acked: at which place of the customer's partition. */
export type Append =
  { readonly kind: 'acked'; readonly place: number } | { readonly kind: 'unknown' | 'failed' };

/** What becomes of holds: this process' own in the lease book, those of others at their owner. */
export class HoldKeeper {
  private readonly settled = new SettledHere();

  constructor(
    private readonly leases: Leases,
    private readonly trail: UsageTrail,
  ) {}

  /** This gateway process. */
  get process(): string {
    return this.leases.process.id;
  }

  /** A settlement of it is about to be appended. */
  settling(token: HoldToken): void {
    const now = this.leases.process.clocks();
    if (!this.isOpenHere(token, now)) this.settled.settling(holdEventId(token));
    if (this.isOurs(token)) this.leases.book.holds.settling(String(token.hold), now);
  }

  /**
   * What became of that append. Acked, what the call did not use is given back, once; where the log
   * may have it, the whole hold is kept (PROTOCOL 11).
   */
  appended(token: HoldToken, append: Append, used: Call): void {
    const outcome = append.kind;
    this.settled.appended(holdEventId(token), outcome);
    if (!this.isOurs(token)) return;
    const { book, own, process } = this.leases;
    const { modelGroup, demand: amounts, scopes } = used;
    const byCall = { modelGroup, amounts, ...scopes };
    book.holds.appended(String(token.hold), outcome, own.usedBy(token.hold, byCall));
    if (append.kind === 'acked') own.settled(token.hold, byCall, append.place);
    // It ended in the meantime, and the book forgets it.
    const isEnded = token.expiresAt <= process.issuerNow(process.clocks());
    if (isEnded && outcome !== 'failed') this.settled.done(holdEventId(token));
  }

  /**
   * Of a hold that is not open here only memory and the trail know whether it was settled: the
   * trail a second or two later, and not while the service that keeps it is away.
   */
  async release(token: HoldToken, project: string): Promise<Released> {
    const { customer, gateway, hold } = token;
    const now = this.leases.process.clocks();
    if (this.isOpenHere(token, now)) return this.leases.release(hold, now);
    if (this.settled.has(holdEventId(token))) return 'settled';
    const answer = this.isOurs(token) ? this.leases.release(hold, now) : null;
    if (answer === 'settled') return answer;
    if (await this.trail.hasSettlement(token, project)) return 'settled';
    if (answer) return answer;
    const isTold = await this.leases.releaseElsewhere({ project, customer, gateway, hold });
    return isTold ? 'told' : 'unknown';
  }

  private isOpenHere(token: HoldToken, now: ClockReading): boolean {
    return this.isOurs(token) && this.leases.book.holds.isOpen(String(token.hold), now);
  }

  private isOurs({ gateway }: HoldToken): boolean {
    return gateway === this.process;
  }
}
