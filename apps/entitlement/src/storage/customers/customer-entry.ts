import { TOPICS } from '@tallyward/contracts';
import { customerSnapshotOf, type StoredCustomer } from '../../customers/stored-customer';
import { snapshotHeaders } from '../catalog/record-change';
import { customerKey } from '../catalog/snapshot-keys';
import type { OutboxEntry } from '../outbox/queue-entries';

/** A customer's snapshot, for the log. */
export function customerEntry(project: string, customer: StoredCustomer, now: number): OutboxEntry {
  const key = customerKey(project, customer.customer);
  return {
    topic: TOPICS.snapshots.name,
    key,
    value: JSON.stringify(customerSnapshotOf(project, customer)),
    headers: snapshotHeaders('customer', key, customer.version, now),
  };
}
