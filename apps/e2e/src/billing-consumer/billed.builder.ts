import { TOPICS, topicConfigs, type BillingRecord } from '@tallyward/contracts';
import { partitionKey } from '@tallyward/domain';
import { openLog, type Entry, type Log, type LogLogger } from '@tallyward/platform';
import type { Testbed } from '@tallyward/testing';
import type { Random } from '../chaos/random';
import { rowOf, type RecordBatch } from './read-batch';

export const TOPIC = TOPICS.billingRecords.name;
const MODELS = ['gpt-4.1', 'o3', 'ü-model'];
const MOST_REVISIONS = 4;
const MOST_QUANTITY = 1_000_000;

let made = 0;

/** One record, plain where nothing is given. */
export function billed(given: Partial<BillingRecord> = {}): BillingRecord {
  const { quantity = 100, overage = 0, revision = 0 } = given;
  const { delta = quantity, overageDelta = overage } = given;
  return {
    recordId: `record-${++made}`,
    revision,
    project: 'demo',
    customer: 'acme',
    tier: { name: 'Professional', version: 3 },
    period: { from: '2026-10-01T00:00:00.000Z', to: '2026-11-01T00:00:00.000Z', timeZone: 'UTC' },
    modelGroup: 'premium',
    model: 'gpt-4.1',
    unit: 'tokens',
    quantity,
    included: quantity - overage,
    overage,
    delta,
    includedDelta: delta - overageDelta,
    overageDelta,
    events: 4,
    proof: '0123456789abcdef0123456789abcdef',
    closedAt: '2026-11-01T01:00:00.000Z',
    ...given,
  };
}

/** The record that says the line anew. */
export function revised(before: BillingRecord, quantity: number, overage = 0): BillingRecord {
  const delta = quantity - before.quantity;
  const overageDelta = overage - before.overage;
  const { project, customer, period, tier, model } = before;
  const revision = before.revision + 1;
  const line = { project, customer, period, tier, model };
  return billed({ ...line, revision, quantity, overage, delta, overageDelta });
}

/** Every revision of every line of so many customers, by line and in order. */
export function histories(random: Random, customers: number): BillingRecord[][] {
  const lines: BillingRecord[][] = [];
  for (let n = 0; n < customers; n += 1) {
    for (const model of MODELS) {
      const line = [billed({ customer: `customer-${n}`, model, ...split(random) })];
      const revisions = random.below(MOST_REVISIONS);
      for (let more = 0; more < revisions; more += 1) {
        const { quantity, overage } = split(random);
        line.push(revised(line.at(-1) as BillingRecord, quantity, overage));
      }
      lines.push(line);
    }
  }
  return lines;
}

function split(random: Random): { quantity: number; overage: number } {
  const quantity = random.below(MOST_QUANTITY);
  return { quantity, overage: random.below(quantity + 1) };
}

export function entryOf(record: BillingRecord): Entry {
  const { project, customer } = record;
  return { key: partitionKey(project, customer), value: JSON.stringify(record) };
}

/** The records as the consumer reads them of one partition, from an offset on. */
export function batchOf(from: number, records: readonly BillingRecord[]): RecordBatch {
  return {
    topic: TOPIC,
    partition: 3,
    identity: 'cluster/topic',
    from: BigInt(from),
    next: BigInt(from + records.length),
    records: records.map((record, n) => rowOf(record, String(from + n))),
    setAside: [],
  };
}

const quiet: LogLogger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** A bed's own topic of billing records, empty. */
export async function recordLog(bed: Testbed): Promise<Log> {
  const { namespace, brokers } = bed;
  const log = openLog({ brokers: [...brokers], namespace, clientId: 'billed', logger: quiet });
  const { name, partitions } = TOPICS.billingRecords;
  const configs = topicConfigs(TOPICS.billingRecords);
  await log.admin.ensureTopics([{ name, partitions, configs }]);
  return log;
}

/** Appends one behind the other; throws where one is not acked. */
export async function appendAll(log: Log, entries: Entry[]): Promise<void> {
  const appender = log.appender({ partitions: { [TOPIC]: TOPICS.billingRecords.partitions } });
  const outcomes = await appender.append(TOPIC, entries);
  await appender.close();
  const missing = outcomes.filter(({ kind }) => kind !== 'acked').length;
  if (missing > 0) throw new Error(`${missing} of ${entries.length} records were not acked`);
}
