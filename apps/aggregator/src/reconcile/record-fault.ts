import type { BillingRecord } from '@tallyward/contracts';
import { proofHex } from '@tallyward/domain';
import type { StoredPeriod, StoredRecord } from '../storage/postgres/billing/audited-billing';

/** What of a record that went out is compared; all else is taken as it is. */
export type ToldRecord = Pick<BillingRecord, 'tier' | 'period' | 'delta'> & Partial<BillingRecord>;

/** What went out, as it is kept; null: that can't be read. There may be millions of them. */
export function readRecord({ value }: StoredRecord): ToldRecord | null {
  try {
    const read = JSON.parse(value) as ToldRecord;
    const isWhole = Number.isSafeInteger(read.delta) && read.tier && read.period;
    return isWhole ? read : null;
  } catch {
    // It is no JSON: the caller tells of it.
    return null;
  }
}

/** Where a record's columns say otherwise than what went out; null: nowhere. */
export function recordFault(
  of: StoredPeriod,
  record: StoredRecord,
  out: ToldRecord | null,
): string | null {
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
