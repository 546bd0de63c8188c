import { MAX_QUOTA_ITEMS, type QuotaAsk } from '@tallyward/contracts';
import type { CustomerDesk } from './customer-desk';

type Counted = Extract<QuotaAsk, { type: 'hold.counted' }>;

/**
 * What calls in flight hold now, of counters where that has changed since it was told, for so many
 * customers at most; the others, and what one message has no room for, stay for the next time.
 */
export function countedHolds(
  changed: Set<CustomerDesk>,
  gateway: string,
  mostCustomers: number,
): Counted[] {
  const told: Counted[] = [];
  for (const desk of changed) {
    if (told.length === mostCustomers) break;
    const { project, customer } = desk;
    const held = newlyHeld(desk);
    if (held.length < MAX_QUOTA_ITEMS) changed.delete(desk);
    const lastsMs = desk.longestHoldMs;
    if (held.length > 0)
      told.push({ type: 'hold.counted', project, customer, gateway, lastsMs, held });
  }
  return told;
}

function newlyHeld({ counters }: CustomerDesk): Counted['held'] {
  const newly: Counted['held'] = [];
  for (const counter of counters.values()) {
    const { name, held, heldTold } = counter;
    if (held === heldTold) continue;
    if (newly.length === MAX_QUOTA_ITEMS) break;
    newly.push({ limit: name, held });
    counter.heldTold = held;
  }
  return newly;
}
