import { Module } from '@nestjs/common';
import type { Log, LogLogger } from '@tallyward/platform';
import { LoadWarehouseModule } from '../load-warehouse/load-warehouse.module';
import { WarehouseProgress } from '../load-warehouse/warehouse-progress';
import { LogProofsModule } from '../log-proofs/log-proofs.module';
import { ProofsProgress } from '../log-proofs/proofs-progress';
import { AUDITED, CLICKHOUSE, LOG_PORT, SERVICE_LOG, type Audited } from '../resources';
import type { ClickHouse } from '../storage/clickhouse';
import { BillingReads } from '../storage/postgres/billing/billing-reads';
import { ToldPeriods } from '../storage/postgres/billing/reconciled-periods';
import { DriftStore } from '../storage/postgres/drift-store';
import { PROOF_FOLD_STORE } from '../storage/postgres';
import type { LookParts } from './look';
import { LookPlaces } from './look-places';
import { ReconciliationController } from './reconciliation.controller';
import { Reconciliation } from './reconciliation.service';
import { SampleDrift } from './sample-drift';

const PARTS = Symbol('what a look is made of');

/** The four sides beside each other, for people, and how far they were apart. */
@Module({
  imports: [LoadWarehouseModule, LogProofsModule],
  controllers: [ReconciliationController],
  providers: [
    BillingReads,
    ToldPeriods,
    DriftStore,
    LookPlaces,
    {
      provide: PARTS,
      inject: [
        LOG_PORT,
        CLICKHOUSE,
        AUDITED,
        BillingReads,
        ToldPeriods,
        PROOF_FOLD_STORE,
        WarehouseProgress,
        ProofsProgress,
      ],
      useFactory: (
        log: Log,
        clickhouse: ClickHouse,
        { auditorUrl }: Audited,
        reads: BillingReads,
        told: ToldPeriods,
        keys: LookParts['keys'],
        warehouse: WarehouseProgress,
        proofs: ProofsProgress,
      ): LookParts => ({ log, clickhouse, auditorUrl, reads, told, keys, warehouse, proofs }),
    },
    {
      provide: Reconciliation,
      inject: [PARTS],
      useFactory: (parts: LookParts) => new Reconciliation(parts),
    },
    {
      provide: SampleDrift,
      inject: [PARTS, DriftStore, SERVICE_LOG],
      useFactory: (parts: LookParts, store: DriftStore, lines: LogLogger) =>
        new SampleDrift(parts, store, lines),
    },
  ],
})
export class ReconciliationModule {}
