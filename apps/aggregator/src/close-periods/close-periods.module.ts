import { Module } from '@nestjs/common';
import { Readiness, type Log, type LogLogger } from '@tallyward/platform';
import { LoadWarehouseModule } from '../load-warehouse/load-warehouse.module';
import { WarehouseProgress } from '../load-warehouse/warehouse-progress';
import { LogProofsModule } from '../log-proofs/log-proofs.module';
import { ProofsProgress } from '../log-proofs/proofs-progress';
import { AUDITED, CLICKHOUSE, LOG_PORT, SERVICE_LOG, type Audited } from '../resources';
import type { ClickHouse } from '../storage/clickhouse';
import { BillingLists } from '../storage/postgres/billing/billing-lists';
import { BillingOutbox } from '../storage/postgres/billing/billing-outbox';
import { BillingReads } from '../storage/postgres/billing/billing-reads';
import { BillingWrites } from '../storage/postgres/billing/billing-writes';
import { BillingController } from './billing.controller';
import { ClosePeriods } from './close-periods.service';
import { ClosingEvents } from './closing-events';
import { ClosingHealth } from './closing-health';
import { OveragesClient } from './overages-client';
import { PeriodCloser } from './period-closer';
import { PublishOutbox } from './publish-outbox';

/** Closes periods into billing records, once the three sides prove them. */
@Module({
  imports: [LoadWarehouseModule, LogProofsModule],
  controllers: [BillingController],
  providers: [
    BillingReads,
    BillingWrites,
    BillingOutbox,
    BillingLists,
    {
      provide: ClosingEvents,
      inject: [SERVICE_LOG, Readiness],
      useFactory: (lines: LogLogger, readiness: Readiness) => {
        const health = new ClosingHealth(Date.now());
        readiness.add('closing', () => health.answer(Date.now()));
        return new ClosingEvents(lines, health);
      },
    },
    {
      provide: PublishOutbox,
      inject: [BillingOutbox, LOG_PORT, ClosingEvents],
      useFactory: (outbox: BillingOutbox, log: Log, events: ClosingEvents) =>
        new PublishOutbox(outbox, log, events),
    },
    {
      provide: PeriodCloser,
      inject: [
        LOG_PORT,
        CLICKHOUSE,
        AUDITED,
        BillingReads,
        BillingWrites,
        WarehouseProgress,
        ProofsProgress,
        ClosingEvents,
      ],
      useFactory: (
        log: Log,
        clickhouse: ClickHouse,
        { auditorUrl, entitlementUrl, secret }: Audited,
        reads: BillingReads,
        writes: BillingWrites,
        warehouse: WarehouseProgress,
        proofs: ProofsProgress,
        events: ClosingEvents,
      ) => {
        const overages = new OveragesClient(entitlementUrl, secret);
        const stores = { log, clickhouse, auditorUrl, reads, writes };
        return new PeriodCloser({ ...stores, warehouse, proofs, overages, events });
      },
    },
    {
      provide: ClosePeriods,
      inject: [PeriodCloser, PublishOutbox, ClosingEvents],
      useFactory: (closer: PeriodCloser, outbox: PublishOutbox, events: ClosingEvents) =>
        new ClosePeriods(closer, outbox, events),
    },
  ],
})
export class ClosePeriodsModule {}
