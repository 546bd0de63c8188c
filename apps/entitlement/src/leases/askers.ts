import type { CustomerSnapshot, Settings } from '@tallyward/contracts';
import { partitionKey } from '@tallyward/domain';
import { crashPoint } from '@tallyward/platform';
import {
  customerSnapshotOf,
  frameOf,
  newcomer,
  type StoredCustomer,
  tiersOf,
} from '../customers/stored-customer';
import type { LeaseTransaction } from '../storage/leases/lease-store';
import type { UsagePlace } from '../storage/leases/counters';
import type { CounterHolder } from '../storage/leases/replenishment';
import type { LeaseAsked } from './read-asks';

/** A customer that gateways ask for. */
export interface Asker {
  readonly project: string;
  readonly customer: string;
  /** False: nobody has met it, and a gateway only looks. */
  readonly isMade: boolean;
  readonly isDisabled: boolean;
  readonly holder: CounterHolder;
  readonly snapshot: CustomerSnapshot;
}

/**
 * The customers of a batch of asks, by key. Those that are unknown are made on the default tier,
 * unless gateways only look; then the default tier is answered. An unknown project has none.
 */
export async function askersOf(
  transaction: LeaseTransaction,
  place: UsagePlace,
  asks: readonly LeaseAsked[],
  now: number,
): Promise<Map<string, Asker>> {
  const wanted = new Map(asks.map((ask) => [keyOf(ask), ask]));
  if (wanted.size === 0) return new Map();
  const settings = await transaction.settingsOf([...new Set(asks.map(({ project }) => project))]);
  const known = await transaction.findCustomers([...wanted.values()]);
  const met = new Set(known.map((one) => keyOf({ ...one, customer: one.customer.customer })));
  const fresh = asks.filter((ask) => !ask.looks && !met.has(keyOf(ask)));
  const toMake = [...new Map(fresh.map((ask) => [keyOf(ask), ask])).values()].filter(
    ({ project }) => settings.has(project),
  );
  if (toMake.length > 0) {
    await transaction.holdFold(place);
    const seen = toMake.map(({ project, customer }) => ({ project, customer, firstSeen: now }));
    await transaction.seeCustomers(seen, now);
    crashPoint('leases.after-customers');
    known.push(...(await transaction.findCustomers(toMake)));
  }
  const askers = new Map<string, Asker>();
  for (const { project, customer } of wanted.values()) {
    const own = settings.get(project);
    if (own) askers.set(keyOf({ project, customer }), lookedAt(project, customer, own, now));
  }
  for (const { project, customer } of known) {
    const own = settings.get(project);
    if (own)
      askers.set(keyOf({ project, customer: customer.customer }), madeOf(project, customer, own));
  }
  return askers;
}

export function keyOf({ project, customer }: { project: string; customer: string }): string {
  return partitionKey(project, customer);
}

function madeOf(project: string, customer: StoredCustomer, settings: Settings): Asker {
  return {
    project,
    customer: customer.customer,
    isMade: true,
    isDisabled: customer.disabled,
    holder: {
      frame: frameOf(customer, settings.timeZone),
      firstSeen: customer.firstSeen,
      tiers: tiersOf(customer),
    },
    snapshot: customerSnapshotOf(project, customer),
  };
}

/** As it would be, were it met now. */
function lookedAt(project: string, customer: string, settings: Settings, now: number): Asker {
  const stored = newcomer(customer, now, settings.defaultTier);
  return { ...madeOf(project, stored, settings), isMade: false };
}
