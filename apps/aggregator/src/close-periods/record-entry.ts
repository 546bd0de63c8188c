import { TOPICS, type AuditFact, type BillingRecord } from '@tallyward/contracts';
import {
  joinFields,
  partitionKey,
  proofHex,
  type Difference,
  type LineChange,
} from '@tallyward/domain';
import { createHash } from 'node:crypto';
import type { DuePeriod, OutboxEntry, ToldLine } from './closing';

/** The CloudEvents type of a billing record. */
const RECORD_TYPE = 'billing.record.v1';
const FACT_TYPE = 'billing.held-back';
const SOURCE = 'tallyward/aggregator';

const instant = (ms: number): string => new Date(ms).toISOString();
const idOf = (fields: (string | number)[]): string =>
  createHash('sha256').update(joinFields(fields)).digest('hex').slice(0, 32);

/** The record of a line; its id follows from what it is about and its revision. */
export function toldLine(
  due: DuePeriod,
  revision: number,
  line: LineChange,
  closedAt: number,
): ToldLine {
  const { project, customer, period, timeZone } = due;
  const { tier, modelGroup, model, unit, quantity, overage, delta, overageDelta } = line;
  const about = [project, customer, period.from, tier.name, tier.version, modelGroup, model, unit];
  const recordId = idOf([...about, revision]);
  const record: BillingRecord = {
    recordId,
    revision,
    project,
    customer,
    tier: { name: tier.name, version: tier.version },
    period: { from: instant(period.from), to: instant(period.to), timeZone },
    modelGroup,
    model,
    unit,
    quantity,
    included: quantity - overage,
    overage,
    delta,
    includedDelta: delta - overageDelta,
    overageDelta,
    events: line.events,
    proof: proofHex(line.proof),
    closedAt: instant(closedAt),
  };
  const topic = TOPICS.billingRecords.name;
  return { recordId, line, entry: entryOf(due, topic, RECORD_TYPE, recordId, record, closedAt) };
}

/** Tells the audit trail that nothing goes out of a period, and why. */
export function heldBackFact(
  due: DuePeriod,
  reason: string,
  differences: readonly Difference[],
  now: number,
): OutboxEntry {
  const { project, customer, period, timeZone } = due;
  const factId = idOf([project, customer, period.from, FACT_TYPE, now]);
  const fact: AuditFact = {
    factId,
    type: FACT_TYPE,
    project,
    // Facts of what is proven make no version of the project.
    version: 1,
    at: instant(now),
    actor: 'service:aggregator',
    subject: `customer:${customer}`,
    before: null,
    after: {
      period: { from: instant(period.from), to: instant(period.to), timeZone },
      differences,
    },
    reason,
  };
  return entryOf(due, TOPICS.facts.name, FACT_TYPE, factId, fact, now);
}

function entryOf(
  { project, customer }: DuePeriod,
  topic: string,
  type: string,
  id: string,
  value: object,
  at: number,
): OutboxEntry {
  const headers = {
    ce_specversion: '1.0',
    ce_id: id,
    ce_type: type,
    ce_source: SOURCE,
    ce_subject: encodeURIComponent(customer),
    ce_time: instant(at),
    'content-type': 'application/json',
  };
  return { topic, key: partitionKey(project, customer), value: JSON.stringify(value), headers };
}
