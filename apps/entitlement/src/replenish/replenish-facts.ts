import { windowName } from '@tallyward/domain';
import type { ToldFact } from '../catalog/facts';
import type { CounterRow } from '../storage/leases/counters';
import type { Raised } from '../storage/entitlements/raise-counters';

/** Limits of a customer were given more: each as it was and as it is. */
export function limitReplenished(
  customer: string,
  by: number | 'reset',
  raised: readonly Raised[],
): ToldFact {
  const shown = ({ of }: Raised, { amount, extra, used }: CounterRow): object => {
    const { scope, modelGroup, unit, window } = of.limit;
    const { scopeValue } = of;
    const limit = { scope, scopeValue, modelGroup, unit, window: windowName(window) };
    return { ...limit, amount: amount + extra, used };
  };
  return {
    type: 'limit.replenished',
    subject: `customer:${customer}`,
    customer,
    before: { limits: raised.map((one) => shown(one, one.before)) },
    after: { by, limits: raised.map((one) => shown(one, one.after)) },
  };
}
