import { Controller, Get, Inject, type ModuleMetadata, type Provider } from '@nestjs/common';
import { Readiness, type Log, type LogLogger } from '@tallyward/platform';
import { CLICKHOUSE, FATAL, LOG_PORT, SERVICE_LOG } from '../resources';
import { RowWriter, type ClickHouse, type WarehouseTable } from '../storage/clickhouse';
import { foldStoreOf, KeyPruningStore, ProgressStore, type FoldStore } from '../storage/postgres';
import { FoldConsumer, type Followed } from './fold.consumer';
import { FoldEvents } from './fold-events';
import { KeyPruning } from './key-pruning';
import { LoadWarehouseModule } from './load-warehouse.module';
import type { LoadedLog } from './loaded-log';
import { NO_REBUILDS, OwnedPartitions } from './owned-partitions';
import { progressAnswer } from './progress.controller';
import { WarehouseFold } from './warehouse-fold';
import { FoldProgress } from './warehouse-progress';

/** A log that is folded beside the usage log, and what the fold is called. */
export interface FoldedLog {
  readonly log: LoadedLog;
  readonly table: WarehouseTable;
  readonly group: string;
  /** Its line in `/readyz`. */
  readonly check: string;
  /** `/internal/<path>/progress` tells its place. */
  readonly path: string;
  /** What its progress is provided as, to modules that import the fold's. */
  readonly progress?: symbol;
}

/** What a module needs that folds one more log, by the means of the warehouse fold. */
export function logFold(folded: FoldedLog): ModuleMetadata {
  const { log, path } = folded;
  const named = (what: string) => Symbol(`${what} of the fold ${log.fold}`);
  const [store, fold, partitions] = [named('store'), named('rows'), named('partitions')];
  const { progress = named('progress') } = folded;
  return {
    imports: [LoadWarehouseModule],
    controllers: [progressController(path, progress)],
    providers: [
      foldStoreOf(log.fold, store),
      foldProvider(fold, store, folded),
      {
        provide: partitions,
        inject: [store, fold],
        useFactory: (kept: FoldStore, rows: WarehouseFold) =>
          new OwnedPartitions(kept, rows, NO_REBUILDS),
      },
      pruningProvider(named('pruning'), log),
      consumerProvider(named('consumer'), partitions, { ...folded, topic: log.topic }),
      {
        provide: progress,
        inject: [LOG_PORT, ProgressStore],
        useFactory: (port: Log, places: ProgressStore) => new FoldProgress(log, port, places),
      },
    ],
    exports: [progress],
  };
}

function foldProvider(provide: symbol, store: symbol, { log, table }: FoldedLog): Provider {
  return {
    provide,
    inject: [store, CLICKHOUSE, LOG_PORT, SERVICE_LOG],
    useFactory: (kept: FoldStore, clickhouse: ClickHouse, port: Log, lines: LogLogger) =>
      new WarehouseFold(
        kept,
        new RowWriter(clickhouse, table),
        { ...log, log: port },
        new FoldEvents(lines, log.metrics),
      ),
  };
}

/** Lets go of a fold's old keys. */
export function pruningProvider(provide: symbol, log: Pick<LoadedLog, 'fold' | 'topic'>): Provider {
  return {
    provide,
    inject: [ProgressStore, KeyPruningStore, LOG_PORT, SERVICE_LOG],
    useFactory: (progress: ProgressStore, keys: KeyPruningStore, port: Log, lines: LogLogger) =>
      new KeyPruning(log, { progress, keys }, port, lines),
  };
}

/** The edge of the fold; a fold that stands still shows in `/readyz`. */
export function consumerProvider(
  provide: symbol,
  partitions: symbol,
  { topic, group, check }: Followed,
): Provider {
  return {
    provide,
    inject: [LOG_PORT, partitions, FATAL, Readiness],
    useFactory: (
      log: Log,
      owned: OwnedPartitions,
      fatal: (error: Error) => void,
      readiness: Readiness,
    ) => {
      const consumer = new FoldConsumer({ topic, group, check }, log, owned, fatal);
      consumer.addTo(readiness);
      return consumer;
    },
  };
}

/** For who waits until the warehouse has what the log has. */
function progressController(path: string, provided: symbol) {
  @Controller(`internal/${path}`)
  class LogFoldProgressController {
    constructor(@Inject(provided) private readonly progress: FoldProgress) {}

    @Get('progress')
    read() {
      return progressAnswer(this.progress);
    }
  }
  return LogFoldProgressController;
}
