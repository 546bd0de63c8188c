import 'reflect-metadata';
import { openClickHouse, type Log, type LogLogger } from '@tallyward/platform';
import {
  appendBenchLog,
  assertEqual,
  consumingBare,
  openBenchLog,
  type Bench,
  type Side,
} from '@tallyward/testing';
import { FoldEvents } from '../load-warehouse/fold-events';
import { WarehouseFold } from '../load-warehouse/warehouse-fold';
import {
  RebuiltTable,
  USAGE_EVENTS,
  USAGE_EVENTS_NEXT,
  UsageEventsWriter,
  type ClickHouse,
  type UsageEventsTable,
} from '../storage/clickhouse';
import {
  FoldStore,
  openStorage,
  ProgressStore,
  RebuildStore,
  type Fold,
} from '../storage/postgres';
import { WarehouseRebuild, type RebuildParts } from './rebuild-warehouse';

const ENTRIES = 200_000;
const QUICK_ENTRIES = 5_000;
const FOLDED_WITHIN_MS = 180_000;
const COMPARED_WITHIN_MS = 600_000;
const silent: LogLogger = { debug() {}, info() {}, warn() {}, error() {} };

type Postgres = Awaited<ReturnType<typeof openStorage>>;

function partsOf(log: Log, postgres: Postgres, clickhouse: ClickHouse): RebuildParts {
  const foldOf = (fold: Fold, table: UsageEventsTable) => {
    const store = new FoldStore(postgres, fold);
    const writer = new UsageEventsWriter(clickhouse, table);
    return { store, fold: new WarehouseFold(store, writer, log, new FoldEvents(silent)) };
  };
  const next = foldOf('next', USAGE_EVENTS_NEXT);
  return {
    log,
    progress: new ProgressStore(postgres),
    store: new RebuildStore(postgres),
    table: new RebuiltTable(clickhouse),
    nextStore: next.store,
    next: next.fold,
    live: foldOf('live', USAGE_EVENTS).fold,
  };
}

/** As the command does it: fresh tables, fold, compare, swap. */
const rebuilding = (parts: RebuildParts, entries: number): Side => ({
  name: 'rebuild warehouse',
  async run() {
    const rebuilt = await new WarehouseRebuild(parts, () => undefined).run();
    assertEqual('rows', rebuilt.rows, entries);
    assertEqual('rows that differ', rebuilt.differences.length, 0);
    return entries;
  },
});

export const benches: readonly Bench[] = [
  {
    name: 'rebuild-warehouse',
    about: 'the warehouse from the log anew, against consuming it and doing nothing',
    async run(run) {
      const bed = await run.bed();
      const entries = run.quick ? QUICK_ENTRIES : ENTRIES;
      const log = await openBenchLog(bed);
      await appendBenchLog(log, entries, run.tell);
      const service = await bed.spawnService('aggregator');
      await bed.drained(FOLDED_WITHIN_MS);
      await service.stop();
      const postgres = await openStorage(bed.postgres.aggregator, 'bench', () => undefined);
      const clickhouse = await openClickHouse({
        url: bed.clickhouse.loader,
        application: 'bench',
        requestDeadlineMs: COMPARED_WITHIN_MS,
      });
      try {
        const { figures } = await run.compare({
          what: `${entries} entries`,
          ours: rebuilding(partsOf(log, postgres, clickhouse), entries),
          bare: [consumingBare(bed, entries, 0.4)],
          rounds: run.quick ? 1 : 5,
          processes: {
            node: 'self',
            clickhouse: () => bed.pid('clickhouse'),
            postgres: () => bed.pid('postgres'),
            kafka: () => bed.pid('kafka'),
          },
        });
        return figures;
      } finally {
        await Promise.allSettled([log.close(), clickhouse.close(), postgres.destroy()]);
      }
    },
  },
];
