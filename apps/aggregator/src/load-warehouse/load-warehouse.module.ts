import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { pingClickHouse, Readiness, type Log, type LogLogger } from '@tallyward/platform';
import { CLICKHOUSE, LOG_PORT, SERVICE_LOG } from '../resources';
import { SwapRecovery } from '../rebuild/swap';
import { RebuiltTable, USAGE_EVENTS, RowWriter, type ClickHouse } from '../storage/clickhouse';
import {
  FoldStore,
  KeyPruningStore,
  liveFoldStore,
  ProgressStore,
  RebuildStore,
} from '../storage/postgres';
import { FoldEvents } from './fold-events';
import { KeyPruning } from './key-pruning';
import { OwnedPartitions } from './owned-partitions';
import { ProgressController } from './progress.controller';
import { WarehouseConsumer } from './warehouse.consumer';
import { WarehouseFold } from './warehouse-fold';
import { USAGE_LOG } from './usage-row';
import { WarehouseProgress } from './warehouse-progress';

/** Folds the usage log into ClickHouse, and knows how far it has come. */
@Module({
  controllers: [ProgressController],
  providers: [
    ProgressStore,
    KeyPruningStore,
    {
      provide: KeyPruning,
      inject: [ProgressStore, KeyPruningStore, LOG_PORT, SERVICE_LOG],
      useFactory: (progress: ProgressStore, keys: KeyPruningStore, log: Log, lines: LogLogger) =>
        new KeyPruning(USAGE_LOG, { progress, keys }, log, lines),
    },
    WarehouseProgress,
    WarehouseConsumer,
    liveFoldStore,
    OwnedPartitions,
    RebuildStore,
    {
      provide: SwapRecovery,
      inject: [RebuildStore, CLICKHOUSE],
      useFactory: (store: RebuildStore, clickhouse: ClickHouse) =>
        new SwapRecovery(store, new RebuiltTable(clickhouse)),
    },
    {
      provide: WarehouseFold,
      inject: [FoldStore, CLICKHOUSE, LOG_PORT, SERVICE_LOG],
      useFactory: (store: FoldStore, clickhouse: ClickHouse, log: Log, lines: LogLogger) =>
        new WarehouseFold(
          store,
          new RowWriter(clickhouse, USAGE_EVENTS),
          { ...USAGE_LOG, log },
          new FoldEvents(lines),
        ),
    },
  ],
  exports: [WarehouseProgress, ProgressStore, KeyPruningStore],
})
export class LoadWarehouseModule implements OnModuleInit {
  constructor(
    private readonly readiness: Readiness,
    private readonly consumer: WarehouseConsumer,
    @Inject(CLICKHOUSE) private readonly clickhouse: ClickHouse,
    @Inject(LOG_PORT) private readonly log: Log,
  ) {}

  onModuleInit(): void {
    this.readiness.add('clickhouse', async () => ({
      ok: (await pingClickHouse(this.clickhouse)).ok,
    }));
    this.readiness.add('log', async () => ({ ok: await this.log.admin.reachable() }));
    this.consumer.addTo(this.readiness);
  }
}
