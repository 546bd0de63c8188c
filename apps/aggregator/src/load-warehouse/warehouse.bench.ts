import 'reflect-metadata';
import {
  assertEqual,
  BenchBatches,
  eventsIn,
  inFlight,
  testbed,
  type Bare,
  type Bench,
  type BenchRun,
  type Figure,
  type Side,
} from '@tallyward/testing';
import { USAGE_EVENTS, RowWriter } from '../storage/clickhouse';
import { FoldStore } from '../storage/postgres';
import { foldBed, type FoldBed } from './fold-bed.builder';
import { FoldEvents } from './fold-events';
import { formBatch, rowsIn as rowsOfBatch, type BatchSource } from './form-batch';
import { USAGE_LOG } from './usage-row';
import { WarehouseFold, type Ownership } from './warehouse-fold';

type Bed = FoldBed<Awaited<ReturnType<typeof testbed>>>;

/** As many partitions at once as the service folds. */
const AT_ONCE = 6;
/** As many inserts at once as the service sends. */
const INSERTS_AT_ONCE = 4;
const EVENTS_A_ROUND = 120_000;
const BARE_TABLE = 'bare_events';
const IDENTITY = 'cluster/topic';

function folding({ postgres, clickhouse, log, lines }: Bed, take: () => BatchSource[][]): Side {
  const store = new FoldStore(postgres, 'live');
  const writer = new RowWriter(clickhouse, USAGE_EVENTS);
  const fold = new WarehouseFold(store, writer, { ...USAGE_LOG, log }, new FoldEvents(lines));
  const owner: Ownership = { isRevoked: () => false, stopped: new AbortController().signal };
  let lists: BatchSource[][] = [];
  return {
    name: 'warehouse fold',
    prepare: () => void (lists = take()),
    async run() {
      await inFlight(lists, AT_ONCE, async (list) => {
        for (const source of list) await fold.load(source, IDENTITY, owner);
      });
      return eventsIn(lists);
    },
  };
}

/** The same bytes into a table of the same shape: columns, order, projections, index. */
function inserting({ clickhouse }: Bed, take: () => BatchSource[][], budget: number): Bare {
  let [bodies, events] = [[] as string[], 0];
  return {
    name: 'INSERT',
    budget,
    prepare() {
      const lists = take();
      events = eventsIn(lists);
      bodies = lists
        .flat()
        .map((source) => rowsOfBatch(formBatch(source, USAGE_LOG.readRow)).join('\n'));
    },
    async run() {
      await inFlight(bodies, INSERTS_AT_ONCE, async (body) => {
        await clickhouse.command({
          query: `INSERT INTO ${BARE_TABLE} FORMAT JSONEachRow\n${body}`,
        });
      });
      return events;
    },
  };
}

async function rowsIn(bed: Bed, table: string): Promise<number> {
  const query = `SELECT count() AS rows FROM ${table}`;
  const answer = await bed.clickhouse.query({ query, format: 'JSONEachRow' });
  const [row] = await answer.json<{ rows: string }>();
  return Number(row?.rows);
}

async function measure(run: BenchRun, size: number): Promise<readonly Figure[]> {
  const bed = await foldBed(await run.bed());
  try {
    await bed.clickhouse.command({ query: `CREATE TABLE ${BARE_TABLE} AS ${USAGE_EVENTS}` });
    const events = run.quick ? size : EVENTS_A_ROUND;
    const [own, plain] = [new BenchBatches('ours', size), new BenchBatches('bare', size)];
    const { figures } = await run.compare({
      what: `batches of ${size}, ${INSERTS_AT_ONCE} inserts at once`,
      ours: folding(bed, () => own.take(events)),
      bare: [inserting(bed, () => plain.take(events), 0.6)],
      rounds: run.quick ? 1 : 5,
      processes: {
        node: 'self',
        clickhouse: () => bed.bed.pid('clickhouse'),
        postgres: () => bed.bed.pid('postgres'),
      },
    });
    assertEqual('rows', await rowsIn(bed, USAGE_EVENTS), await rowsIn(bed, BARE_TABLE));
    return figures;
  } finally {
    await bed.close();
  }
}

export const benches: readonly Bench[] = [
  {
    name: 'warehouse',
    about: 'the warehouse fold in ClickHouse, against a bare INSERT of the same rows',
    run: (run) => measure(run, 5_000),
  },
];
