import { type Call, type HoldToken, holdEventId, type ReleaseAnswer } from '@tallyward/domain';
import type { Leases } from '../leases/leases';
import { SettledHere } from './settled-here';

/** `told`: its owner gives it back once it hears; `unknown`: it may not hear. */
export type Released = ReleaseAnswer | 'told' | 'unknown';

/** What became of an append; acked: at which place of the customer's partition. */
export type Append =
  { readonly kind: 'acked'; readonly place: number } | { readonly kind: 'unknown' | 'failed' };

/** What becomes of holds: this process' own in the lease book, those of others at their owner. */
export class HoldKeeper {
  private readonly elsewhere = new SettledHere();

  constructor(private readonly leases: Leases) {}

  /** This gateway process. */
  get process(): string {
    return this.leases.process.id;
  }

  /** A settlement of it is about to be appended. */
  settling(token: HoldToken): void {
    const { book, process } = this.leases;
    if (!this.isOurs(token)) return this.elsewhere.settling(holdEventId(token));
    book.holds.settling(String(token.hold), process.clocks());
  }

  /**
   * What became of that append. Acked, what the call did not use is given back, once; where the log
   * may have it, the whole hold is kept (PROTOCOL 11).
   */
  appended(token: HoldToken, append: Append, used: Call): void {
    const outcome = append.kind;
    if (!this.isOurs(token)) return this.elsewhere.appended(holdEventId(token), outcome);
    const { book, own } = this.leases;
    const { modelGroup, demand: amounts, scopes } = used;
    const byCall = { modelGroup, amounts, ...scopes };
    book.holds.appended(String(token.hold), outcome, own.usedBy(token.hold, byCall));
    if (append.kind === 'acked') own.settled(token.hold, byCall, append.place);
  }

  async release(token: HoldToken, project: string): Promise<Released> {
    const { customer, gateway, hold } = token;
    if (this.isOurs(token)) return this.leases.release(hold, this.leases.process.clocks());
    if (this.elsewhere.has(holdEventId(token))) return 'settled';
    const isTold = await this.leases.releaseElsewhere({ project, customer, gateway, hold });
    return isTold ? 'told' : 'unknown';
  }

  private isOurs({ gateway }: HoldToken): boolean {
    return gateway === this.process;
  }
}
