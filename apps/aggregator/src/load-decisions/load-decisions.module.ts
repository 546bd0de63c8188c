import { Module, type OnModuleInit, type Provider } from '@nestjs/common';
import { Readiness, type Log, type LogLogger } from '@tallyward/platform';
import { FoldEvents } from '../load-warehouse/fold-events';
import { KeyPruning } from '../load-warehouse/key-pruning';
import { LoadWarehouseModule } from '../load-warehouse/load-warehouse.module';
import { OwnedPartitions } from '../load-warehouse/owned-partitions';
import { WarehouseFold } from '../load-warehouse/warehouse-fold';
import { CLICKHOUSE, LOG_PORT, SERVICE_LOG } from '../resources';
import { DECISIONS, RowWriter, type ClickHouse } from '../storage/clickhouse';
import {
  DECISION_FOLD_STORE,
  decisionFoldStore,
  KeyPruningStore,
  ProgressStore,
  type FoldStore,
} from '../storage/postgres';
import { DECISION_LOG } from './decision-row';
import { DECISION_PARTITIONS, DecisionsConsumer } from './decisions.consumer';
import { DecisionsProgress } from './decisions-progress';
import { DecisionsProgressController } from './progress.controller';

const DECISION_FOLD = Symbol('the fold of the decision log');
const DECISION_PRUNING = Symbol('the pruning of the decision log’s keys');

/** Nothing rebuilds the decisions beside the live ones, so nothing is left half swapped. */
const NO_REBUILDS = { recover: () => Promise.resolve() };

const fold: Provider = {
  provide: DECISION_FOLD,
  inject: [DECISION_FOLD_STORE, CLICKHOUSE, LOG_PORT, SERVICE_LOG],
  useFactory: (store: FoldStore, clickhouse: ClickHouse, log: Log, lines: LogLogger) =>
    new WarehouseFold(
      store,
      new RowWriter(clickhouse, DECISIONS),
      { ...DECISION_LOG, log },
      new FoldEvents(lines, DECISION_LOG.metrics),
    ),
};

const partitions: Provider = {
  provide: DECISION_PARTITIONS,
  inject: [DECISION_FOLD_STORE, DECISION_FOLD],
  useFactory: (store: FoldStore, decisions: WarehouseFold) =>
    new OwnedPartitions(store, decisions, NO_REBUILDS),
};

const pruning: Provider = {
  provide: DECISION_PRUNING,
  inject: [ProgressStore, KeyPruningStore, LOG_PORT, SERVICE_LOG],
  useFactory: (progress: ProgressStore, keys: KeyPruningStore, log: Log, lines: LogLogger) =>
    new KeyPruning(DECISION_LOG, { progress, keys }, log, lines),
};

/** Folds the decision log into ClickHouse by the means of the warehouse fold. */
@Module({
  imports: [LoadWarehouseModule],
  controllers: [DecisionsProgressController],
  providers: [decisionFoldStore, fold, partitions, pruning, DecisionsConsumer, DecisionsProgress],
})
export class LoadDecisionsModule implements OnModuleInit {
  constructor(
    private readonly readiness: Readiness,
    private readonly consumer: DecisionsConsumer,
  ) {}

  onModuleInit(): void {
    this.consumer.addTo(this.readiness);
  }
}
