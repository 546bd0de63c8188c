import { Fenced } from '@tallyward/platform';
import { testbed, type Testbed } from '@tallyward/testing';
import { InvoiceStore } from '../storage/billing-consumer/invoice-store';
import { batchOf, billed, revised, TOPIC } from './billed.builder';

const PARTITION = 3;

describe('the invoice lines of the example consumer', () => {
  let bed: Testbed;
  let store: InvoiceStore;
  beforeAll(async () => {
    bed = await testbed();
    store = await InvoiceStore.open(bed.postgres.admin, () => undefined);
  });
  afterAll(async () => {
    await store?.close();
    await bed?.close();
  });
  beforeEach(() =>
    store.pool.query(
      `TRUNCATE billing_consumer.position, billing_consumer.record,
         billing_consumer.invoice_line, billing_consumer.set_aside`,
    ),
  );

  const lines = async () =>
    (await store.lines()).map(({ customer, quantity, overage, state }) => {
      return [customer, quantity, overage, state];
    });
  const next = async () => (await store.position(TOPIC, PARTITION)).next;

  it('count a record once by its id, in one batch and in a later one', async () => {
    const first = billed({ quantity: 70, overage: 20 });
    const second = revised(first, 90, 25);
    await store.take(batchOf(0, [first, first, second]));
    await store.take(batchOf(3, [first, second, second]));
    expect(await lines()).toEqual([['acme', 90, 25, 'whole']]);
  });

  it('are the same in whatever order revisions come, and say when one is still to come', async () => {
    const first = billed({ quantity: 70 });
    const second = revised(first, 40);
    const third = revised(second, 100);
    await store.take(batchOf(0, [third, first]));
    expect(await lines()).toEqual([['acme', 130, 0, 'incomplete']]);
    await store.take(batchOf(2, [second]));
    expect(await lines()).toEqual([['acme', 100, 0, 'whole']]);
  });

  it('are parted by tier version, period, group, model and unit', async () => {
    const one = billed({ quantity: 7 });
    const period = { ...one.period, to: '2026-10-02T00:00:00.000Z' };
    const others = [
      { tier: { name: 'Professional', version: 4 } },
      { tier: { name: 'Team', version: 3 } },
      { period },
      { modelGroup: 'standard' },
      { model: 'o3' },
      { unit: 'calls' as const },
      { project: 'other' },
    ].map((given) => billed({ quantity: 7, ...given }));
    await store.take(batchOf(0, [one, ...others]));
    expect((await lines()).map(([, quantity]) => quantity)).toEqual(Array(8).fill(7));
  });

  it('keep the first of two records with one id, and set the other aside', async () => {
    const first = billed({ quantity: 70 });
    const other = { ...first, quantity: 90, included: 90, delta: 90, includedDelta: 90 };
    await store.take(batchOf(0, [first, other]));
    await store.take(batchOf(2, [other]));
    expect(await lines()).toEqual([['acme', 70, 0, 'whole']]);
    const { rows } = await store.pool.query(
      'SELECT place, reason, detail FROM billing_consumer.set_aside ORDER BY place',
    );
    const [reason, detail] = ['id-conflict', `record ${first.recordId}`];
    expect(rows).toEqual(['1', '2'].map((place) => ({ place, reason, detail })));
  });

  it('are said to contradict where the sum of deltas is not what the latest revision says', async () => {
    const first = billed({ quantity: 70 });
    const second = { ...revised(first, 90), delta: 25 };
    const doubled = billed({ customer: 'twice', quantity: 5 });
    const again = { ...doubled, recordId: 'another' };
    await store.take(batchOf(0, [first, second, doubled, again]));
    expect(await lines()).toEqual([
      ['acme', 95, 0, 'contradicts'],
      ['twice', 10, 0, 'contradicts'],
    ]);
  });

  it('are changed by the process alone that stands where the batch begins', async () => {
    await store.take(batchOf(0, [billed({ quantity: 70 })]));
    const late = batchOf(0, [billed({ quantity: 5 })]);
    await expect(store.take(late)).rejects.toThrow(Fenced);
    await expect(store.take({ ...late, from: 1n, identity: 'other' })).rejects.toThrow(Fenced);
    expect([await lines(), await next()]).toEqual([[['acme', 70, 0, 'whole']], 1n]);
  });

  it('change with the position, both or neither', async () => {
    const away = 'ALTER TABLE billing_consumer.set_aside RENAME TO';
    await store.pool.query(`${away} away`);
    const setAside = [{ place: '1', reason: 'not-json', detail: '' }];
    const batch = { ...batchOf(0, [billed({ quantity: 70 })]), setAside };
    await expect(store.take(batch)).rejects.toThrow('set_aside');
    await store.pool.query(`${away.replace('set_aside', 'away')} set_aside`);
    expect([await lines(), await next()]).toEqual([[], 0n]);
    await store.take(batch);
    expect([await lines(), await next()]).toEqual([[['acme', 70, 0, 'whole']], 1n]);
  });

  it('take text and sums as they are, to the last unit', async () => {
    const quantity = Number.MAX_SAFE_INTEGER;
    const tier = { name: `it's "$$" \n 足りる`, version: 2 ** 40 };
    const record = billed({ customer: 'ü-one', tier, quantity, overage: quantity - 1 });
    await store.take(batchOf(0, [record]));
    const { project, customer, model, modelGroup, unit } = record;
    expect(await store.lines()).toEqual([
      {
        ...{ project, customer, model, modelGroup, unit },
        periodFrom: record.period.from,
        tier: tier.name,
        tierVersion: tier.version,
        quantity,
        included: 1,
        overage: quantity - 1,
        state: 'whole',
      },
    ]);
  });
});
