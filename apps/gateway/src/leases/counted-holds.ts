import { MAX_QUOTA_ITEMS, type QuotaAsk } from '@tallyward/contracts';
import type { CustomerDesk, KnownCounter } from './customer-desk';

type Counted = Extract<QuotaAsk, { type: 'hold.counted' }>;

/**
 * What calls in flight hold now, of counters where that has changed since it was told, for so many
 * customers at most; the others stay in `changed` for the next time.
 */
export function countedHolds(
  changed: Set<KnownCounter>,
  gateway: string,
  mostCustomers: number,
): Counted[] {
  const byDesk = new Map<CustomerDesk, Counted['held']>();
  for (const counter of changed) {
    const { desk, name, held } = counter;
    if (held === counter.heldTold) {
      changed.delete(counter);
      continue;
    }
    const those = byDesk.get(desk);
    if (!those && byDesk.size === mostCustomers) continue;
    if (those && those.length === MAX_QUOTA_ITEMS) continue;
    if (those) those.push({ limit: name, held });
    else byDesk.set(desk, [{ limit: name, held }]);
    counter.heldTold = held;
    changed.delete(counter);
  }
  return [...byDesk].map(([{ project, customer }, held]) => {
    return { type: 'hold.counted', project, customer, gateway, held };
  });
}
