import 'reflect-metadata';
import { openClickHouse, type Log, type LogLogger } from '@tallyward/platform';
import { assertEqual, rebuildBench, type Bench } from '@tallyward/testing';
import { FoldEvents } from '../load-warehouse/fold-events';
import { USAGE_LOG } from '../load-warehouse/usage-row';
import { WarehouseFold } from '../load-warehouse/warehouse-fold';
import {
  RebuiltTable,
  USAGE_EVENTS,
  USAGE_EVENTS_NEXT,
  RowWriter,
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

const COMPARED_WITHIN_MS = 600_000;
const silent: LogLogger = { debug() {}, info() {}, warn() {}, error() {} };

type Postgres = Awaited<ReturnType<typeof openStorage>>;

function partsOf(log: Log, postgres: Postgres, clickhouse: ClickHouse): RebuildParts {
  const foldOf = (fold: Fold, table: UsageEventsTable) => {
    const store = new FoldStore(postgres, fold);
    const writer = new RowWriter(clickhouse, table);
    return {
      store,
      fold: new WarehouseFold(store, writer, { ...USAGE_LOG, log }, new FoldEvents(silent)),
    };
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

export const benches: readonly Bench[] = [
  rebuildBench({
    what: 'warehouse',
    service: 'aggregator',
    engines: ['clickhouse', 'postgres', 'kafka'],
    async open(bed, log) {
      const postgres = await openStorage(bed.postgres.aggregator, 'bench', () => undefined);
      const clickhouse = await openClickHouse({
        url: bed.clickhouse.loader,
        application: 'bench',
        requestDeadlineMs: COMPARED_WITHIN_MS,
      });
      const parts = partsOf(log, postgres, clickhouse);
      return {
        async rebuild(entries) {
          const rebuilt = await new WarehouseRebuild(parts, () => undefined).run();
          assertEqual('rows', rebuilt.rows, entries);
          assertEqual('rows that differ', rebuilt.differences.length, 0);
        },
        async close() {
          await Promise.allSettled([clickhouse.close(), postgres.destroy()]);
        },
      };
    },
  }),
];
