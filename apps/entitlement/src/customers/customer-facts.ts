import type { UsageVoid } from '@tallyward/domain';
import type { ToldFact } from '../catalog/facts';
import type { StoredCustomer } from './stored-customer';

interface Reference {
  readonly name: string;
  readonly version: number;
}

const reference = ({ name, version }: Reference): Reference => ({ name, version });
const instant = (ms: number): string => new Date(ms).toISOString();

export function customerCreated(customer: string, firstSeen: number, tier: Reference): ToldFact {
  return {
    type: 'customer.created',
    subject: `customer:${customer}`,
    customer,
    tiers: [tier.name],
    before: null,
    after: { firstSeen: instant(firstSeen), tier: reference(tier) },
  };
}

/** What people may change of a customer, before and after. */
export function customerChanged(before: StoredCustomer, after: StoredCustomer): ToldFact {
  const { customer } = after;
  const shown = ({ name, timeZone, billingAnchor, tags, disabled }: StoredCustomer): object => ({
    name,
    timeZone,
    billingAnchor: billingAnchor === null ? null : instant(billingAnchor),
    tags,
    disabled,
  });
  const subject = `customer:${customer}`;
  const [was, is] = [shown(before), shown(after)];
  return { type: 'customer.changed', subject, customer, before: was, after: is };
}

/** `from`: when it begins, epoch ms. */
export function tierAssigned(
  customer: string,
  before: Reference,
  after: Reference & { readonly from: number; readonly carryUsage: boolean },
): ToldFact {
  const { from, carryUsage } = after;
  return {
    type: 'tier.assigned',
    subject: `customer:${customer}`,
    customer,
    tiers: [...new Set([after.name, before.name])],
    before: reference(before),
    after: { ...reference(after), from: instant(from), carryUsage },
  };
}

/** An event of the log counts no more; who asked for it, and why, is told with the fact. */
export function usageVoided({ customer, source, id }: UsageVoid): ToldFact {
  const [before, after] = [{ counts: true }, { counts: false }];
  return { type: 'usage.voided', subject: `event:${source}/${id}`, customer, before, after };
}

export function tierFrozen({ name, version }: Reference): ToldFact {
  const [before, after] = [{ state: 'draft' }, { state: 'frozen' }];
  return { type: 'tier.frozen', subject: `tier:${name}@${version}`, tiers: [name], before, after };
}
