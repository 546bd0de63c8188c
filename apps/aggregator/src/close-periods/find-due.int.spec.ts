import { partitionKey } from '@tallyward/domain';
import { testbed, type Testbed } from '@tallyward/testing';
import type { DataSource } from 'typeorm';
import { homeOf } from '../load-warehouse/loaded-log';
import { openStorage } from '../storage/postgres';
import type { AuditedSubscriptions } from '../storage/postgres/audited-subscriptions';
import { customerText } from '../storage/postgres/billing/billing-keys';
import { BillingReads } from '../storage/postgres/billing/billing-reads';
import { BillingWrites } from '../storage/postgres/billing/billing-writes';
import { findOpen } from './find-due';

const HOUR_MS = 3_600_000;
const DAY = Date.parse('2026-11-20T00:00:00Z');
const CUSTOMER = { project: 'demo', customer: 'acme' };
const PARTITION = homeOf(partitionKey('demo', 'acme'));

let bed: Testbed;
let postgres: DataSource;
let reads: BillingReads;
beforeAll(async () => {
  bed = await testbed();
  postgres = await openStorage(bed.postgres.aggregator, 'spec', () => undefined);
  reads = new BillingReads(postgres);
});
afterAll(async () => {
  await postgres?.destroy();
  await bed?.close();
});

/** What entitlement says of the one customer, with the project closing so. */
function subscriptions(every: 'hour' | 'day'): AuditedSubscriptions {
  const closing = { every, grace: 'PT10M' };
  const tiers = [{ name: 'Pay', version: 1, from: 0 }];
  return {
    settings: async () => new Map([['demo', { timeZone: 'UTC', closing }]]),
    subscribers: async () =>
      new Map([[customerText(CUSTOMER), { timeZone: null, billingAnchor: 0, tiers }]]),
  } as unknown as AuditedSubscriptions;
}

async function unbilledSince(oldest: number): Promise<void> {
  await postgres.query('DELETE FROM unbilled_usage');
  await postgres.query('INSERT INTO unbilled_usage VALUES ($1, 0, $2, $3, $4)', [
    oldest,
    PARTITION,
    ...Object.values(CUSTOMER),
  ]);
}

async function due(every: 'hour' | 'day', passed: number): Promise<(readonly [number, number])[]> {
  const found: (readonly [number, number])[] = [];
  for await (const page of findOpen(reads, subscriptions(every), passed)) {
    found.push(...page.due.map(({ period: { period } }) => [period.from, period.to] as const));
  }
  return found;
}

const FIRST = { from: DAY + HOUR_MS, to: DAY + 2 * HOUR_MS };
const LAST = { from: DAY + 20 * HOUR_MS, to: DAY + 21 * HOUR_MS };
const NEXT_WEEK = DAY + 7 * 24 * HOUR_MS;

/** What is left of a day for one period, around two hours that are taken. */
async function leftOfTheDay(): Promise<(readonly [number, number])[]> {
  const found: (readonly [number, number])[] = [];
  for (const hour of [0, 5, 22]) {
    await unbilledSince(DAY + hour * HOUR_MS);
    found.push(...(await due('day', NEXT_WEEK)));
  }
  return found;
}
const LEFT = [
  [DAY, FIRST.from],
  [FIRST.to, LAST.from],
  [LAST.to, DAY + 24 * HOUR_MS],
];

describe('the period that is to be closed', () => {
  afterEach(() => postgres.query('TRUNCATE billing_period, billing_held'));

  it('is the oldest one, from when the log has passed its end and the grace', async () => {
    await unbilledSince(DAY + HOUR_MS);
    const over = DAY + 2 * HOUR_MS + 10 * 60_000;
    expect(await due('hour', over - 1)).toEqual([]);
    expect(await due('hour', over)).toEqual([[DAY + HOUR_MS, DAY + 2 * HOUR_MS]]);
  });

  it('touches none that is held back, also where it would be longer now', async () => {
    const held = [FIRST, LAST].map((period) => {
      const due = { ...CUSTOMER, partition: PARTITION, period, timeZone: 'UTC' };
      return { ...due, reason: 'differs', differences: [] };
    });
    await new BillingWrites(postgres).holdBack(held, DAY);
    expect(await leftOfTheDay()).toEqual(LEFT);
  });

  it('touches none that is closed, also where it would be longer now', async () => {
    const figures = { revision: 0, asOf: 1n, events: 1, proof: 1n, closedAt: DAY, records: [] };
    const closings = [FIRST, LAST].map((period) => {
      return { ...CUSTOMER, partition: PARTITION, period, timeZone: 'UTC', ...figures };
    });
    expect(await new BillingWrites(postgres).save(closings)).toHaveLength(2);
    expect(await leftOfTheDay()).toEqual(LEFT);
  });
});
