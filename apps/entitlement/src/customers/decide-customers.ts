import { type CustomerChange, limitOf, type TierLimit } from '@tallyward/contracts';
import { nextWindowStart, tierAt } from '@tallyward/domain';
import type { ToldFact } from '../catalog/facts';
import { customerChanged, tierAssigned } from './customer-facts';
import { type Assigned, frameOf, type StoredCustomer, tiersOf } from './stored-customer';

/** One customer as it becomes, what is to be told of it, and which assignments are new. */
export interface CustomerChanged {
  readonly after: StoredCustomer;
  readonly facts: readonly ToldFact[];
  readonly assigned: readonly Assigned[];
}

/** Null: everything is as wanted already. */
export function changeCustomer(
  before: StoredCustomer,
  change: CustomerChange,
): CustomerChanged | null {
  const { billingAnchor, ...rest } = change;
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  const anchor = typeof billingAnchor === 'string' ? Date.parse(billingAnchor) : billingAnchor;
  const after: StoredCustomer = {
    ...before,
    ...given,
    ...(anchor === undefined ? {} : { billingAnchor: anchor }),
    version: before.version + 1,
  };
  const fact = customerChanged(before, after);
  if (JSON.stringify(sorted(fact.before)) === JSON.stringify(sorted(fact.after))) return null;
  return { after, facts: [fact], assigned: [] };
}

/** What a change of tier says, apart from whose. */
export interface Wanted {
  readonly name: string;
  readonly version: number;
  readonly effective: 'now' | 'nextWindow';
  readonly carryUsage: boolean;
}

/** When a change of tier begins, epoch ms. `present`: the limits the customer has now. */
export function beginningOf(
  customer: StoredCustomer,
  { effective }: Pick<Wanted, 'effective'>,
  present: readonly TierLimit[],
  projectTimeZone: string,
  now: number,
): number {
  if (effective === 'now') return now;
  return nextWindowStart(now, present.map(limitOf), frameOf(customer, projectTimeZone));
}

/**
 * Gives a customer a tier version from an instant on. What was to begin at that instant or after is
 * overruled; `keep`: it stays planned (a version is replaced, not what was agreed for later).
 */
export function assignTier(
  before: StoredCustomer,
  { name, version, carryUsage }: Wanted,
  from: number,
  now: number,
  keep: 'keep' | 'overrule',
): CustomerChanged {
  const timeline = tiersOf(before);
  const wanted = { name, version, from, carryUsage };
  const planned = timeline.filter((tier) => tier.from > Math.max(from, now));
  const assigned = keep === 'keep' ? [wanted, ...planned] : [wanted];
  const after = {
    ...before,
    version: before.version + 1,
    assignments: [...before.assignments, ...assigned],
  };
  const fact = tierAssigned(before.customer, tierAt(timeline, from), wanted);
  return { after, facts: [fact], assigned };
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, part]) => [key, sorted(part)]);
}
