import { billingRecord, type BillingRecord } from './billing';
import { ENTRY_FAULTS, readValue, type PartitionOf, type RawEntry } from './raw-entry';

/** Why an entry of the billing records is passed over. `id-conflict` is found by dedup. */
export const BILLING_RECORD_FAULTS = {
  ...ENTRY_FAULTS,
  'not-a-record': 'The value does not have the shape of a billing record.',
  'id-conflict': 'A record with the same id and other content came before.',
} as const;
export type BillingRecordFault = keyof typeof BILLING_RECORD_FAULTS;

export type ReadBillingRecord =
  | { readonly kind: 'record'; readonly record: BillingRecord; readonly closedAt: number }
  | { readonly kind: 'park'; readonly reason: BillingRecordFault; readonly detail: string };

/**
 * Reads an entry of `billing.records.v1`, or says why it is passed over. Its time is when the
 * period was closed: the period itself may be as long ago as it likes.
 */
export function readBillingRecordEntry(raw: RawEntry, partitionOf: PartitionOf): ReadBillingRecord {
  const read = readValue(raw, billingRecord, closedAtOf, partitionOf);
  if (read.kind === 'fault') return { ...read, kind: 'park' };
  if (read.kind === 'misshapen') return park(read.detail);
  const { value: record, time: closedAt } = read;
  const { from, to } = record.period;
  if (Date.parse(from) >= Date.parse(to)) return park('period.to: must be after period.from');
  return { kind: 'record', record, closedAt };
}

const closedAtOf = ({ closedAt }: BillingRecord): number => Date.parse(closedAt);

function park(detail: string): ReadBillingRecord {
  return { kind: 'park', reason: 'not-a-record', detail };
}
