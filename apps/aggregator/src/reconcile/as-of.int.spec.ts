import { partitionKey, USAGE_PARTITIONS } from '@tallyward/domain';
import { partitionOf } from '@tallyward/platform';
import { testbed } from '@tallyward/testing';
import { foldBed, type FoldBed } from '../load-warehouse/fold-bed.builder';
import { formBatch, rowsIn } from '../load-warehouse/form-batch';
import { loggedFacts } from '../load-warehouse/logged-facts.builder';
import { USAGE_LOG } from '../load-warehouse/usage-row';
import { USAGE_EVENTS, RowWriter } from '../storage/clickhouse';
import { auditedEvents, auditedRows } from '../storage/clickhouse/audited-rows';

const PARTITION = partitionOf(partitionKey('demo', 'acme'), USAGE_PARTITIONS);
const EVERYTHING = { partition: PARTITION, customer: null, from: null, to: null };
const QUARTER = Date.parse('2026-11-22T10:15:00Z');

let bed: FoldBed;
beforeAll(async () => {
  bed = await foldBed(await testbed());
  const given = Array.from({ length: 8 }, (_, n) => ({ id: `e${n}`, time: QUARTER + n }));
  const batch = formBatch(loggedFacts(PARTITION, given), USAGE_LOG.readRow);
  const writer = new RowWriter(bed.clickhouse, USAGE_EVENTS);
  const rows = rowsIn(batch);
  await writer.insert({ ...batch, topicIdentity: 'cluster/topic' }, rows);
});
afterAll(() => bed?.close());

async function calls(upTo: bigint): Promise<number> {
  let sum = 0;
  for await (const row of auditedRows(bed.clickhouse, { ...EVERYTHING, upTo })) {
    sum += row.amounts.calls;
  }
  return sum;
}

async function offsets(upTo: bigint): Promise<number[]> {
  const found: number[] = [];
  const events = auditedEvents(bed.clickhouse, { ...EVERYTHING, upTo }, [QUARTER]);
  for await (const { offset } of events) found.push(Number(offset));
  return found.sort((a, b) => a - b);
}

describe('what an audit reads of the warehouse', () => {
  it('ends at the offset of the totals, however far that has come', async () => {
    expect([await calls(3n), await calls(8n), await calls(100n)]).toEqual([3, 8, 8]);
    expect([await offsets(3n), await offsets(0n)]).toEqual([[0, 1, 2], []]);
  });
});
