import { readBillingRecordEntry, TOPICS, type BillingRecord } from '@tallyward/contracts';
import { partitionOf, type LogBatch } from '@tallyward/platform';
import { createHash } from 'node:crypto';

/** A record with its place in the log, flat, as the store takes it. Quantities in its unit. */
export interface RecordRow {
  readonly place: string;
  readonly project: string;
  readonly customer: string;
  readonly record_id: string;
  readonly revision: number;
  readonly period_from: string;
  readonly period_to: string;
  readonly tier: string;
  readonly tier_version: number;
  readonly model_group: string;
  readonly model: string;
  readonly unit: string;
  readonly quantity: number;
  readonly included: number;
  readonly overage: number;
  readonly delta: number;
  readonly included_delta: number;
  readonly overage_delta: number;
  /** SHA-256 of all that the record says: two records with one id and two of these conflict. */
  readonly content: string;
}

/** An entry that says nothing that can be billed. It is kept, so that people see it. */
export interface SetAside {
  readonly place: string;
  readonly reason: string;
  readonly detail: string;
}

export interface RecordBatch extends Pick<
  LogBatch,
  'topic' | 'partition' | 'identity' | 'from' | 'next'
> {
  readonly records: readonly RecordRow[];
  readonly setAside: readonly SetAside[];
}

const DETAIL_CHARACTERS = 300;
const partitionOfKey = (key: string): number => partitionOf(key, TOPICS.billingRecords.partitions);

/** Reads every entry: each is a record, or set aside with a reason. */
export function readBatch(batch: LogBatch): RecordBatch {
  const { topic, partition, identity, from, next } = batch;
  const records: RecordRow[] = [];
  const setAside: SetAside[] = [];
  for (const entry of batch.entries) {
    const place = String(entry.offset);
    const read = readBillingRecordEntry({ ...entry, partition }, partitionOfKey);
    if (read.kind === 'record') records.push(rowOf(read.record, place));
    else {
      const detail = read.detail.slice(0, DETAIL_CHARACTERS);
      setAside.push({ place, reason: read.reason, detail });
    }
  }
  return { topic, partition, identity, from, next, records, setAside };
}

export function rowOf(record: BillingRecord, place: string): RecordRow {
  const { project, customer, tier, period, model, unit } = record;
  return {
    place,
    project,
    customer,
    record_id: record.recordId,
    revision: record.revision,
    period_from: period.from,
    period_to: period.to,
    tier: tier.name,
    tier_version: tier.version,
    model_group: record.modelGroup,
    model,
    unit,
    quantity: record.quantity,
    included: record.included,
    overage: record.overage,
    delta: record.delta,
    included_delta: record.includedDelta,
    overage_delta: record.overageDelta,
    content: createHash('sha256').update(JSON.stringify(record)).digest('hex'),
  };
}
