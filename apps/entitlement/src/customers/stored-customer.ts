import type { Customer, CustomerSnapshot } from '@tallyward/contracts';
import { type Assignment, tierAt, tierTimeline, type WindowFrame } from '@tallyward/domain';

/** A tier version that a customer was given; `from` is epoch ms. */
export interface Assigned extends Assignment {
  readonly carryUsage: boolean;
}

/** A customer as it is stored; instants are epoch ms. */
export interface StoredCustomer {
  readonly customer: string;
  /** Grows by one with every change. */
  readonly version: number;
  readonly name: string | null;
  /** Null: the project's. */
  readonly timeZone: string | null;
  /** Null: when it was first seen. */
  readonly billingAnchor: number | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly disabled: boolean;
  readonly firstSeen: number;
  /** In the order they were made. */
  readonly assignments: readonly Assigned[];
}

/** The latest of a customer's tiers that gateways are told of. */
const TIERS_TOLD = 10;

export function tiersOf({ assignments }: StoredCustomer): Assigned[] {
  return tierTimeline(assignments);
}

export function frameOf(customer: StoredCustomer, projectTimeZone: string): WindowFrame {
  const { timeZone, billingAnchor, firstSeen } = customer;
  return {
    timeZone: timeZone ?? projectTimeZone,
    billingAnchor: billingAnchor ?? firstSeen,
  };
}

export function customerAnswer(customer: StoredCustomer, now: number): Customer {
  const { name, timeZone, billingAnchor, tags, disabled, firstSeen } = customer;
  const tiers = tiersOf(customer);
  const present = tierAt(tiers, now);
  const instant = (ms: number): string => new Date(ms).toISOString();
  return {
    customer: customer.customer,
    name,
    timeZone,
    billingAnchor: instant(billingAnchor ?? firstSeen),
    tags: { ...tags },
    disabled,
    firstSeen: instant(firstSeen),
    tier: { name: present.name, version: present.version },
    nextTiers: tiers
      .filter(({ from }) => from > Math.max(now, present.from))
      .map((tier) => ({ ...tier, from: instant(tier.from) })),
  };
}

/** What gateways know of it: it follows from what is stored, so equal states give equal bytes. */
export function customerSnapshotOf(project: string, customer: StoredCustomer): CustomerSnapshot {
  const { version, timeZone, billingAnchor, firstSeen, disabled } = customer;
  return {
    project,
    customer: customer.customer,
    version,
    timeZone,
    billingAnchor: billingAnchor ?? firstSeen,
    disabled,
    tiers: tiersOf(customer)
      .slice(-TIERS_TOLD)
      .map(({ name, version: of, from }) => ({ name, version: of, from })),
  };
}

/** A customer as it is made, on its first tier. */
export function newcomer(
  customer: string,
  firstSeen: number,
  tier: { readonly name: string; readonly version: number },
): StoredCustomer {
  return {
    customer,
    version: 1,
    name: null,
    timeZone: null,
    billingAnchor: null,
    tags: {},
    disabled: false,
    firstSeen,
    assignments: [{ ...tier, from: firstSeen, carryUsage: true }],
  };
}
