import type { BillingRecord } from '@tallyward/contracts';
import { partitionKey } from '@tallyward/domain';
import type { Entry } from '@tallyward/platform';
import {
  appendedTo,
  landed,
  viewRows,
  type FoldBed,
  type ViewRow,
} from '../load-warehouse/fold-bed.builder';
import { RECORD_LOG } from './record-row';

let made = 0;

/** A billing record: the first of a line, plain where nothing is given. */
export function billed(given: Partial<BillingRecord> = {}): BillingRecord {
  const { quantity = 100, included = quantity, overage = 0 } = given;
  return {
    recordId: `record-${++made}`,
    revision: 0,
    project: 'demo',
    customer: 'acme',
    tier: { name: 'Professional', version: 3 },
    period: {
      from: '2026-10-01T00:00:00.000Z',
      to: '2026-11-01T00:00:00.000Z',
      timeZone: 'UTC',
    },
    modelGroup: 'premium',
    model: 'gpt-4.1',
    unit: 'tokens',
    quantity,
    included,
    overage,
    delta: quantity,
    includedDelta: included,
    overageDelta: overage,
    events: 4,
    proof: '0123456789abcdef0123456789abcdef',
    closedAt: new Date(Date.now() - 1_000).toISOString(),
    ...given,
  };
}

export function recordEntryOf(record: BillingRecord): Entry {
  return {
    key: partitionKey(record.project, record.customer),
    value: JSON.stringify(record),
    headers: {},
  };
}

/** Appends the entries one behind the other, and waits until the warehouse has them. */
export async function landEntries(bed: FoldBed, entries: Entry[]): Promise<void> {
  await appendedTo(RECORD_LOG.topic, bed.appender, entries);
  await landed(bed, RECORD_LOG);
}

/** What anybody reads by SQL, by place in the log. */
export const recordsView = (bed: FoldBed): Promise<ViewRow[]> =>
  viewRows(bed, 'billing_records_v1', 'v.partition, v.offset');

/** Every line at its latest revision. */
export const linesView = (bed: FoldBed): Promise<ViewRow[]> =>
  viewRows(bed, 'billing_lines_v1', 'v.customer, v.period_from, v.model, v.unit');
