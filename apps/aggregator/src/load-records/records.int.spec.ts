import type { BillingRecord } from '@tallyward/contracts';
import { signCaller } from '@tallyward/platform';
import { testbed, type Testbed } from '@tallyward/testing';
import { foldBed, type FoldBed } from '../load-warehouse/fold-bed.builder';
import { billed, landEntries, linesView, recordEntryOf, recordsView } from './billed.builder';

jest.setTimeout(300_000);

const DAY_MS = 86_400_000;

/** What the view says of a record, but for its place. */
function rowOf(record: BillingRecord) {
  return {
    project: record.project,
    customer: record.customer,
    record_id: record.recordId,
    revision: record.revision,
    tier: record.tier.name,
    tier_version: record.tier.version,
    period_from: new Date(record.period.from).toISOString(),
    period_to: new Date(record.period.to).toISOString(),
    time_zone: record.period.timeZone,
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
    closed_at: record.closedAt,
  };
}

function lineOf(record: BillingRecord) {
  const { delta: _, included_delta: __, overage_delta: ___, ...line } = rowOf(record);
  return line;
}

/** The same line, said anew. */
function revised(record: BillingRecord, revision: number, quantity: number): BillingRecord {
  const delta = quantity - record.quantity;
  const [included, includedDelta] = [quantity, delta];
  const recordId = `${record.recordId}-${revision}`;
  return { ...record, recordId, revision, quantity, included, delta, includedDelta };
}

describe('the billing records in the warehouse', () => {
  let bed: FoldBed<Testbed>;
  let service: Awaited<ReturnType<Testbed['spawnService']>>;
  beforeAll(async () => {
    bed = await foldBed(await testbed());
    service = await bed.bed.spawnService('aggregator');
  });
  afterAll(async () => {
    await service?.stop();
    await bed?.close();
  });

  const land = (records: readonly BillingRecord[]) => landEntries(bed, records.map(recordEntryOf));
  const of = <T extends { readonly [column: string]: unknown }>(rows: T[], customer: string) =>
    rows.filter((row) => row['customer'] === customer);
  const rows = async (customer: string) =>
    of(await recordsView(bed), customer).map(({ partition: _, offset: __, ...row }) => row);
  const lines = async (customer: string) => of(await linesView(bed), customer);
  const parked = async (): Promise<string[]> => {
    const found = await bed.postgres.query<{ reason: string }[]>(
      'SELECT reason FROM parked_record ORDER BY reason',
    );
    await bed.postgres.query('DELETE FROM parked_record');
    return found.map(({ reason }) => reason);
  };

  it('are rows that say what the record says, to the last unit', async () => {
    const full = billed({
      customer: 'ü-one',
      tier: { name: `it's "$$" \n 足りる`, version: 7 },
      period: { from: '2025-03-29T23:00:00Z', to: '2025-03-30T22:00:00Z', timeZone: 'Europe/Rome' },
      quantity: Number.MAX_SAFE_INTEGER,
      included: Number.MAX_SAFE_INTEGER - 3,
      overage: 3,
      delta: Number.MIN_SAFE_INTEGER,
      includedDelta: -5,
      overageDelta: 0,
    });
    await land([full]);
    expect(await rows('ü-one')).toEqual([rowOf(full)]);
    expect(await lines('ü-one')).toEqual([lineOf(full)]);
  });

  it('are rows once that were appended twice, and a second record of one id is parked', async () => {
    const twice = billed({ customer: 'two' });
    await land([twice, twice]);
    await land([{ ...twice, quantity: 101 }, twice, { ...twice, customer: 'two-b' }]);
    expect(await rows('two')).toEqual([rowOf(twice)]);
    expect(await rows('two-b')).toEqual([rowOf({ ...twice, customer: 'two-b' })]);
    expect(await parked()).toEqual(['id-conflict']);
  });

  it('are lines of their latest revision, in whatever order revisions come', async () => {
    const first = billed({ customer: 'three' });
    const [second, third] = [revised(first, 1, 90), revised(first, 2, 130)];
    const other = billed({ customer: 'three', model: 'o3', modelGroup: 'reasoning' });
    await land([third, first, other]);
    await land([second]);
    expect(await rows('three')).toEqual([third, first, other, second].map(rowOf));
    expect(await lines('three')).toEqual([third, other].map(lineOf));
  });

  it('are another line where tier version, group, unit or either end of the period is another', async () => {
    const one = billed({ customer: 'four' });
    const { period } = one;
    const others = [
      { tier: { ...one.tier, version: 4 } },
      { tier: { ...one.tier, name: 'Enterprise' } },
      { modelGroup: 'standard' },
      { unit: 'calls' as const },
      { period: { ...period, from: '2026-10-02T00:00:00.000Z' } },
      { period: { ...period, to: '2026-10-31T00:00:00.000Z' } },
    ].map((given) => billed({ ...one, ...given, recordId: billed().recordId }));
    await land([one, ...others]);
    const ids = (await lines('four')).map((line) => line['record_id']);
    expect(ids.sort()).toEqual([one, ...others].map(({ recordId }) => recordId).sort());
  });

  it('are taken of periods long ago, and not where they were closed long before they were appended', async () => {
    const old = { from: '2019-12-31T22:00:00Z', to: '2020-01-31T22:00:00Z', timeZone: 'Etc/GMT-2' };
    const ago = billed({ customer: 'five', period: old });
    const closedAt = new Date(Date.now() - 37 * DAY_MS).toISOString();
    await land([ago, billed({ customer: 'five', closedAt })]);
    expect(await rows('five')).toEqual([rowOf(ago)]);
    expect(await parked()).toEqual(['too-late']);
  });

  it('go on behind entries that no one can read, and say which were passed over', async () => {
    const good = billed({ customer: 'six' });
    const entry = recordEntryOf(good);
    const altered = (given: object) => ({ ...entry, value: JSON.stringify({ ...good, ...given }) });
    await landEntries(bed, [
      { ...entry, value: 'not json' },
      { ...entry, value: null },
      { ...entry, value: '{"recordId":1}' },
      altered({ overage: -1 }),
      altered({ quantity: 2 ** 53 }),
      altered({ recordId: '\ud800' }),
      altered({ customer: 'another' }),
      { ...entry, key: 'demo:another' },
      entry,
    ]);
    expect(await rows('six')).toEqual([rowOf(good)]);
    expect(await parked()).toEqual([
      ...Array.from({ length: 4 }, () => 'not-a-record'),
      'not-json',
      'tombstone',
      'wrong-key',
      'wrong-key',
    ]);
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    expect(metrics).toMatch(/tallyward_records_parked_total\{[^}]*reason="not-json"[^}]*\} 1/);
    expect(metrics).toMatch(/tallyward_records_behind_entries\{[^}]*\} 0/);
    const ready = (await (await fetch(`${service.url}/readyz`)).json()) as object;
    expect(JSON.stringify(ready)).toContain('records-fold');
  });

  it('tell how far they have come to who waits for them, and to nobody else', async () => {
    await land([billed()]);
    const who = { project: 'demo', scopes: ['read'], keyId: 'k', actor: 'spec', operator: false };
    const headers = { 'x-tallyward-caller': signCaller(who, bed.bed.internalSecret) };
    const address = `${service.url}/internal/records/progress`;
    const answer = (await (await fetch(address, { headers })).json()) as object;
    expect(answer).toMatchObject({ drained: true });
    expect((await fetch(address)).status).toBe(401);
  });
});
