import { readBillingRecordEntry, TOPICS, type BillingRecord } from '@tallyward/contracts';
import { homeOf, keyedRow, type LoadedLog } from '../load-warehouse/loaded-log';

/** The billing records: a record a row. The closer may append one twice; by its id it is one. */
export const RECORD_LOG: LoadedLog = {
  fold: 'records',
  topic: TOPICS.billingRecords.name,
  metrics: 'records',
  readRow: (raw) => {
    const read = readBillingRecordEntry(raw, homeOf);
    if (read.kind === 'park') return read;
    const { record, closedAt: time } = read;
    const { project, customer, recordId: id } = record;
    return keyedRow(raw, { project, customer, id, time }, recordRow(record, time));
  },
};

function recordRow(record: BillingRecord, closedAt: number) {
  const { tier, period } = record;
  return {
    project: record.project,
    customer: record.customer,
    record_id: record.recordId,
    revision: record.revision,
    tier: tier.name,
    tier_version: tier.version,
    period_from: Date.parse(period.from),
    period_to: Date.parse(period.to),
    time_zone: period.timeZone,
    model_group: record.modelGroup,
    model: record.model,
    unit: record.unit,
    quantity: record.quantity,
    included: record.included,
    overage: record.overage,
    delta: record.delta,
    included_delta: record.includedDelta,
    overage_delta: record.overageDelta,
    events: record.events,
    proof: record.proof,
    closed_at: closedAt,
  };
}
