import { MAX_QUOTA_ITEMS, type QuotaAsk } from '@tallyward/contracts';
import {
  type ClockReading,
  elapsedMs,
  type LeaseGranted,
  type LeaseReturn,
} from '@tallyward/domain';
import type { CustomerDesk } from './customer-desk';

type Returned = Extract<QuotaAsk, { type: 'lease.returned' }>;

interface KnownLease {
  readonly desk: CustomerDesk;
  readonly since: ClockReading;
  /** From then on entitlement takes nothing back: it reclaims what is left. */
  readonly overMs: number;
}

/** Leases looked at in one sweep, at most. */
const SWEEP = 2_000;

/**
 * What leases give back, until the log has it: a return that is lost costs others the units until
 * the lease is reclaimed. Totals, so that the latest is enough and repeating it does no harm.
 */
export class Returns {
  private readonly leases = new Map<string, KnownLease>();
  private readonly totals = new Map<string, number>();
  private cursor = this.leases.entries();

  constructor(private readonly gateway: string) {}

  knows({ id, settleUntil, issuedAt }: LeaseGranted, desk: CustomerDesk, since: ClockReading) {
    this.leases.set(id, { desk, since, overMs: settleUntil - issuedAt });
  }

  deskOf(lease: string): CustomerDesk | undefined {
    return this.leases.get(lease)?.desk;
  }

  add(returns: readonly LeaseReturn[]): void {
    for (const { lease, total } of returns) this.totals.set(lease, total);
  }

  get leasesKnown(): number {
    return this.leases.size;
  }

  /** All that is to be sent, a message for each customer, or several. */
  take(): Returned[] {
    const byDesk = new Map<CustomerDesk, { lease: string; total: number }[]>();
    for (const [lease, total] of this.totals) {
      const desk = this.deskOf(lease);
      if (!desk) continue;
      const those = byDesk.get(desk);
      if (those) those.push({ lease, total });
      else byDesk.set(desk, [{ lease, total }]);
    }
    this.totals.clear();
    return [...byDesk].flatMap(([desk, leases]) => this.messages(desk, leases));
  }

  /** The log may not have them: they go again, unless more was given back since. */
  unsent({ leases }: Returned): void {
    for (const { lease, total } of leases) {
      if (!this.totals.has(lease)) this.totals.set(lease, total);
    }
  }

  /** Forgets leases that are over. */
  sweep(now: ClockReading): void {
    for (let seen = 0; seen < SWEEP; seen++) {
      const { value, done } = this.cursor.next();
      if (done) {
        this.cursor = this.leases.entries();
        return;
      }
      const [id, { since, overMs }] = value;
      if (elapsedMs(since, now) >= overMs) this.leases.delete(id);
    }
  }

  private messages({ project, customer }: CustomerDesk, leases: Returned['leases']): Returned[] {
    const messages: Returned[] = [];
    for (let from = 0; from < leases.length; from += MAX_QUOTA_ITEMS) {
      messages.push({
        type: 'lease.returned',
        project,
        customer,
        gateway: this.gateway,
        leases: leases.slice(from, from + MAX_QUOTA_ITEMS),
      });
    }
    return messages;
  }
}
