import { partitionKey, type LineChange } from '@tallyward/domain';
import { inTransaction } from '@tallyward/platform';
import { testbed, type Testbed } from '@tallyward/testing';
import type { DataSource } from 'typeorm';
import type { Closing, HeldBack } from '../../../close-periods/closing';
import { toldLine } from '../../../close-periods/record-entry';
import { homeOf } from '../../../load-warehouse/loaded-log';
import { loggedFacts } from '../../../load-warehouse/logged-facts.builder';
import { readProvenEvent } from '../../../log-proofs/proven-event';
import { proofOf } from '../../../reconcile/log-fold';
import { keepProofs } from '../log-proofs';
import { openStorage } from '../open';
import { BillingReads } from './billing-reads';
import { BillingWrites } from './billing-writes';

const HOUR_MS = 3_600_000;
/** An hour that is over; what the log takes can't be old. */
const TEN = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 9 * HOUR_MS;
const TIER = { name: 'Pay', version: 1 };
const NOW = TEN + 5 * HOUR_MS;

let bed: Testbed;
let postgres: DataSource;
let reads: BillingReads;
let writes: BillingWrites;
let made = 0;

beforeAll(async () => {
  bed = await testbed();
  postgres = await openStorage(bed.postgres.aggregator, 'spec', () => undefined);
  reads = new BillingReads(postgres);
  writes = new BillingWrites(postgres);
});
afterAll(async () => {
  await postgres?.destroy();
  await bed?.close();
});

const newcomer = (): string => `customer-${++made}`;

/** The proofs fold takes one call of a customer, at an offset of its own. */
async function used(customer: string, time: number, offset: bigint): Promise<void> {
  const partition = homeOf(partitionKey('demo', customer));
  const source = loggedFacts(partition, [{ customer, id: `${customer}-${offset}`, time }]);
  const events = source.entries.map((entry) => {
    const read = readProvenEvent({ partition, ...entry });
    if (read.kind !== 'row') throw new Error('This is no event');
    return { ...read.event, offset };
  });
  await inTransaction(postgres, (manager) =>
    keepProofs(manager, { partition, counted: events, takenBack: [] }, proofOf),
  );
}

const line = (quantity: number, delta = quantity): LineChange => ({
  ...{ tier: TIER, modelGroup: 'premium', model: 'gpt-4.1', unit: 'calls' },
  ...{ quantity, overage: 0, events: quantity, proof: 7n, delta, overageDelta: 0 },
});

function closing(customer: string, given: Partial<Closing> = {}, quantity = 1): Closing {
  const { period = { from: TEN, to: TEN + HOUR_MS } } = given;
  const due = { project: 'demo', customer, partition: 0, period, timeZone: 'UTC' };
  const { revision = 0 } = given;
  const records = [toldLine(due, revision, line(quantity), NOW)];
  const figures = { revision, asOf: 10n, events: quantity, proof: 7n, closedAt: NOW };
  return { ...due, ...figures, records, ...given };
}

async function oldest(customer: string): Promise<number | null> {
  const all = await reads.unbilled({ project: 'demo', customer: customer.slice(0, -1) }, 1_000);
  return all.find((one) => one.customer === customer)?.oldest ?? null;
}
async function revisions(customer: string): Promise<number[]> {
  const rows = await postgres.query<{ revision: number }[]>(
    'SELECT revision FROM billing_record WHERE customer = $1 ORDER BY revision',
    [customer],
  );
  return rows.map(({ revision }) => revision);
}
async function queued(customer: string): Promise<number> {
  const rows = await postgres.query<unknown[]>('SELECT 1 FROM outbox WHERE key = $1', [
    `demo:${customer}`,
  ]);
  return rows.length;
}

describe('a closing', () => {
  it('is taken by one of two closers, with its records and what is published, once', async () => {
    const customer = newcomer();
    await used(customer, TEN, 1n);
    const both = await Promise.all([
      writes.save([closing(customer)]),
      writes.save([closing(customer)]),
    ]);
    expect(both.flat()).toHaveLength(1);
    expect(await revisions(customer)).toEqual([0]);
    expect(await queued(customer)).toBe(1);
    expect(await oldest(customer)).toBeNull();
  });

  it('is refused to one that did not see the revision before', async () => {
    const customer = newcomer();
    await writes.save([closing(customer)]);
    const before = { from: TEN, to: TEN + HOUR_MS, timeZone: 'UTC', asOf: 10n, revision: 0 };
    const next = closing(customer, { before, revision: 1, asOf: 20n }, 2);
    expect(await writes.save([next])).toHaveLength(1);
    expect(await writes.save([{ ...next, asOf: 30n }])).toEqual([]);
    expect(await revisions(customer)).toEqual([0, 1]);
  });

  it('is refused where it overlaps what is closed', async () => {
    const customer = newcomer();
    await writes.save([closing(customer)]);
    const period = { from: TEN - HOUR_MS, to: TEN + 1 };
    expect(await writes.save([closing(customer, { period })])).toEqual([]);
  });

  it('leaves usage that came while it was made for the next one', async () => {
    const customer = newcomer();
    await used(customer, TEN, 1n);
    await used(customer, TEN + 2 * HOUR_MS, 2n);
    await used(customer, TEN, 12n);
    await writes.save([closing(customer, { asOf: 10n })]);
    expect(await oldest(customer)).toBe(TEN);
    const before = { from: TEN, to: TEN + HOUR_MS, timeZone: 'UTC', asOf: 10n, revision: 0 };
    await writes.save([closing(customer, { before, revision: 1, asOf: 20n }, 2)]);
    expect(await oldest(customer)).toBe(TEN + 2 * HOUR_MS);
  });

  it('can not be changed or taken back', async () => {
    const customer = newcomer();
    await writes.save([closing(customer)]);
    const change = `UPDATE billing_record SET quantity = 0 WHERE customer = '${customer}'`;
    await expect(postgres.query(change)).rejects.toThrow('a billing record never changes');
    await expect(postgres.query('DELETE FROM billing_record')).rejects.toThrow('never changes');
  });
});

describe('a period that is held back', () => {
  const held = (customer: string): HeldBack => {
    const { project, partition, period, timeZone } = closing(customer);
    const entry = { topic: 'facts', key: `demo:${customer}`, value: '{}', headers: {} };
    return {
      ...{ project, customer, partition, period, timeZone },
      ...{ reason: 'differs', differences: [], fact: entry },
    };
  };

  it('is told once, and lets the customer’s next periods go on', async () => {
    const customer = newcomer();
    await used(customer, TEN, 1n);
    await used(customer, TEN + 2 * HOUR_MS, 2n);
    await writes.holdBack([held(customer)], NOW);
    await writes.holdBack([held(customer)], NOW + 60_000);
    expect(await oldest(customer)).toBe(TEN + 2 * HOUR_MS);
    expect(await queued(customer)).toBe(1);
    const again = async (before: number) =>
      (await reads.held(before, 100)).some((one) => one.customer === customer);
    expect([await again(NOW + 60_000), await again(NOW + 60_001)]).toEqual([false, true]);
  });

  it('once it goes out, takes what came into it meanwhile into a revision', async () => {
    const customer = newcomer();
    await used(customer, TEN, 1n);
    await writes.holdBack([held(customer)], NOW);
    expect(await oldest(customer)).toBeNull();
    await used(customer, TEN, 12n);
    await writes.holdBack([held(customer)], NOW + 60_000);
    expect(await oldest(customer)).toBeNull();
    await writes.save([closing(customer, { asOf: 10n })]);
    expect(await oldest(customer)).toBe(TEN);
  });
});
