import { customerSnapshot, type CustomerSnapshot } from '@tallyward/contracts';
import { LRUCache } from 'lru-cache';
import { readSnapshot } from './read-snapshot';

/** Customers that one gateway keeps; those asked for longest ago make way. */
export const MOST_CUSTOMERS = 100_000;

export type CustomerOutcome = 'taken' | 'older' | 'unreadable' | 'not-a-customer';

const PREFIX = 'c:';

/**
 * The customers that this gateway was told of or has asked about, each as its newest snapshot says.
 * One that isn't here may exist all the same: entitlement knows.
 */
export class CustomerSnapshots {
  /** Told of every customer that is new here, or another than before. */
  onKept: ((kept: CustomerSnapshot) => void) | undefined;
  private readonly customers: LRUCache<string, CustomerSnapshot>;
  /** Counts whatever changes what is known. */
  private changed = 0;

  constructor(most: number = MOST_CUSTOMERS) {
    this.customers = new LRUCache({ max: most });
  }

  /** Takes one entry of the topic; value null: the customer is gone. */
  take(key: string | null, value: Uint8Array | null): CustomerOutcome {
    if (!key?.startsWith(PREFIX)) return 'not-a-customer';
    if (value === null) {
      this.customers.delete(key);
      this.changed += 1;
      return 'taken';
    }
    const snapshot = readSnapshot(customerSnapshot, value);
    if (!snapshot || keyOf(snapshot.project, snapshot.customer) !== key) return 'unreadable';
    return this.keep(snapshot) ? 'taken' : 'older';
  }

  /** Keeps what was answered about a customer, unless something newer is known. */
  keep(snapshot: CustomerSnapshot): boolean {
    const key = keyOf(snapshot.project, snapshot.customer);
    if ((this.customers.get(key)?.version ?? 0) >= snapshot.version) return false;
    this.customers.set(key, snapshot);
    this.changed += 1;
    this.onKept?.(snapshot);
    return true;
  }

  customer(project: string, customer: string): CustomerSnapshot | undefined {
    return this.customers.get(keyOf(project, customer));
  }

  get changes(): number {
    return this.changed;
  }

  get size(): number {
    return this.customers.size;
  }
}

function keyOf(project: string, customer: string): string {
  return `${PREFIX}${project}:${customer}`;
}
