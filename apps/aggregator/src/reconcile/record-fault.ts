import { billingRecord, type BillingRecord } from '@tallyward/contracts';
import { proofHex } from '@tallyward/domain';
import type { StoredPeriod, StoredRecord } from '../storage/postgres/billing/audited-billing';

/** What went out, as it is kept; null: that can't be read. */
export function readRecord({ value }: StoredRecord): BillingRecord | null {
  try {
    const read = billingRecord.safeParse(JSON.parse(value));
    return read.success ? read.data : null;
  } catch {
    // It is no JSON: the caller tells of it.
    return null;
  }
}

/** Where a record's columns say otherwise than what went out; null: nowhere. */
export function recordFault(of: StoredPeriod, record: StoredRecord): string | null {
  const out = readRecord(record);
  if (out === null) return 'what went out can not be read';
  const fields: readonly (readonly [string, unknown, unknown])[] = [
    ['recordId', out.recordId, record.recordId],
    ['revision', out.revision, record.revision],
    ['project', out.project, of.project],
    ['customer', out.customer, of.customer],
    ['period', Date.parse(out.period.from), of.from],
    ['tier', out.tier.name, record.tier],
    ['tier version', out.tier.version, record.tierVersion],
    ['modelGroup', out.modelGroup, record.modelGroup],
    ['model', out.model, record.model],
    ['unit', out.unit, record.unit],
    ['quantity', out.quantity, record.quantity],
    ['overage', out.overage, record.overage],
    ['included', out.included, record.quantity - record.overage],
    ['events', out.events, record.events],
    ['proof', out.proof, proofHex(record.proof)],
  ];
  const differing = fields.filter(([, told, stored]) => told !== stored);
  if (differing.length === 0) return null;
  return differing
    .map(([name, told, stored]) => `${name}: told ${String(told)}, stored ${String(stored)}`)
    .join('; ');
}
