import { partitionKey, type LoggedEvent } from '@tallyward/domain';
import { createLogger } from '@tallyward/platform';
import { testbed, type Testbed } from '@tallyward/testing';
import type { DataSource } from 'typeorm';
import { FoldEvents } from '../load-warehouse/fold-events';
import { formBatch, type BatchSource } from '../load-warehouse/form-batch';
import { homeOf } from '../load-warehouse/loaded-log';
import { loggedFacts } from '../load-warehouse/logged-facts.builder';
import { proofOf } from '../reconcile/log-fold';
import { openStorage, proofFoldStore } from '../storage/postgres';
import { BillingReads } from '../storage/postgres/billing/billing-reads';
import { ProofsFold } from './proofs-fold';
import { readProvenEvent } from './proven-event';

const HOUR_MS = 3_600_000;
/** An hour that is over; what the log takes can't be old. */
const BEGIN = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 3 * HOUR_MS;
const PARTITION = homeOf(partitionKey('demo', 'acme'));
const lines = createLogger({ service: 'spec', instance: 'spec', level: 'silent' });

let bed: Testbed;
let postgres: DataSource;
let fold: ProofsFold;
let reads: BillingReads;
let source: BatchSource;

beforeAll(async () => {
  bed = await testbed();
  postgres = await openStorage(bed.postgres.aggregator, 'spec', () => undefined);
  const store = proofFoldStore(proofOf).useFactory(postgres);
  const readAt = async ({ offsets }: { readonly offsets: readonly bigint[] }) =>
    source.entries.filter(({ offset }) => offsets.includes(offset));
  fold = new ProofsFold(store, { readAt }, new FoldEvents(lines, 'proofs'));
  reads = new BillingReads(postgres);
  const given = [
    { id: 'a', time: BEGIN, content: 'a1' },
    { id: 'b', time: BEGIN + 1, content: 'b1' },
    { id: 'a', time: BEGIN, content: 'a1' },
    { id: 'b', time: BEGIN + 1, content: 'b2', inputTokens: 999 },
    { id: 'c', time: BEGIN + HOUR_MS, content: 'c1' },
    { id: 'other', time: BEGIN, customer: 'belongs elsewhere' },
  ].map((one) => ({ ...one, ...(one.content && { content: one.content.padEnd(64, '0') }) }));
  source = loggedFacts(PARTITION, given);
  await fold.load(source, 'cluster/topic');
});
afterAll(async () => {
  await postgres?.destroy();
  await bed?.close();
});

const period = (hour: number) => ({
  ...{ project: 'demo', customer: 'acme' },
  period: { from: BEGIN + hour * HOUR_MS, to: BEGIN + (hour + 1) * HOUR_MS },
});

describe('what the log proves', () => {
  it('is of events that count: each once, the first of an id, where it belongs', async () => {
    const [first, second] = await reads.logSums([period(0), period(1)]);
    const events = formBatch(source, readProvenEvent).events as readonly LoggedEvent[];
    const proofs = events.map(({ event }) => proofOf(event));
    expect(first).toMatchObject({
      last: 1n,
      proof: ((proofs[0] ?? 0n) + (proofs[1] ?? 0n)) % (1n << 128n),
    });
    expect([first?.amounts.calls, second?.amounts.calls]).toEqual([2, 1]);
    expect(second).toMatchObject({ last: 4n, proof: proofs[4] });
    const parked = await postgres.query<{ offset: string; reason: string }[]>(
      'SELECT "offset", reason FROM parked_proof ORDER BY "offset"',
    );
    expect(parked.map(({ offset, reason }) => [Number(offset), reason])).toEqual([
      [3, 'id-conflict'],
      [5, 'wrong-partition'],
    ]);
  });

  it('says whose usage is not billed, from its oldest quarter on', async () => {
    expect(await reads.unbilled(null, 10)).toEqual([
      { project: 'demo', customer: 'acme', partition: PARTITION, oldest: BEGIN },
    ]);
  });

  it('is not told twice by an owner that was moved on from', async () => {
    await expect(fold.load(source, 'cluster/topic')).rejects.toThrow('no longer ours');
    const [first] = await reads.logSums([period(0)]);
    expect(first?.amounts.calls).toBe(2);
  });
});
