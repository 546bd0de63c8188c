import { partitionKey, USAGE_PARTITIONS } from '@tallyward/domain';
import { partitionOf } from '@tallyward/platform';
import { testbed } from '@tallyward/testing';
import { foldBed, rowsOf, type FoldBed } from '../load-warehouse/fold-bed.builder';
import { FoldEvents } from '../load-warehouse/fold-events';
import { countBatch, formBatch } from '../load-warehouse/form-batch';
import { loggedFacts } from '../load-warehouse/logged-facts.builder';
import { USAGE_LOG } from '../load-warehouse/usage-row';
import { FoldClosed, WarehouseFold } from '../load-warehouse/warehouse-fold';
import { USAGE_EVENTS, RowWriter } from '../storage/clickhouse';
import { FoldStore, RebuildStore } from '../storage/postgres';

const PARTITION = partitionOf(partitionKey('demo', 'acme'), USAGE_PARTITIONS);
const OWNER = { isRevoked: () => false, stopped: new AbortController().signal };
const TOPIC_ID = 'cluster/topic';

let bed: FoldBed;
beforeAll(async () => {
  bed = await foldBed(await testbed());
});
afterAll(() => bed?.close());

describe('while a rebuild has closed the fence', () => {
  it('the live fold takes nothing, and its own fold goes on', async () => {
    const rebuild = new RebuildStore(bed.postgres);
    await rebuild.prepare();
    await rebuild.closeFence();
    const source = loggedFacts(PARTITION, [{ id: 'a' }, { id: 'b' }]);
    const live = new FoldStore(bed.postgres, 'live');
    const writer = new RowWriter(bed.clickhouse, USAGE_EVENTS);
    const events = new FoldEvents({ info() {}, warn() {} });
    const fold = new WarehouseFold(live, writer, { ...USAGE_LOG, log: bed.log }, events);
    await expect(fold.load(source, TOPIC_ID, OWNER)).rejects.toBeInstanceOf(FoldClosed);
    expect(await rowsOf(bed.clickhouse)).toEqual([]);
    expect(await live.position(PARTITION)).toMatchObject({ next: 0n, intentOpen: false });

    const next = new FoldStore(bed.postgres, 'next');
    const formed = formBatch(source, USAGE_LOG.readRow);
    const taken = await next.take(formed, TOPIC_ID, (known) => countBatch(formed, known));
    expect(taken.kind).toBe('taken');

    await rebuild.openFence();
    await fold.load(source, TOPIC_ID, OWNER);
    expect((await rowsOf(bed.clickhouse)).map(({ event_id }) => event_id)).toEqual(['a', 'b']);
  });
});
