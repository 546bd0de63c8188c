import { type DynamicModule, Global, Module } from '@nestjs/common';
import { ClosePeriodsModule } from './close-periods/close-periods.module';
import { ExportsModule } from './exports/exports.module';
import { LoadDecisionsModule } from './load-decisions/load-decisions.module';
import { LoadRecordsModule } from './load-records/load-records.module';
import { LoadWarehouseModule } from './load-warehouse/load-warehouse.module';
import { LogProofsModule } from './log-proofs/log-proofs.module';
import { ReconciliationModule } from './reconciliation/reconciliation.module';
import { ReportsModule } from './reports/reports.module';
import { SystemModule } from './system/system.module';

/** What the process gives to every module; see resources.ts for the tokens. */
export type Resources = { readonly provide: unknown; readonly useValue: unknown }[];

@Global()
@Module({})
class ResourcesModule {}

/** The service: each slice is a module of its own; a new slice is added to `imports`. */
@Module({})
export class AppModule {
  static with(resources: Resources): DynamicModule {
    const providers = resources as DynamicModule['providers'] & [];
    return {
      module: AppModule,
      imports: [
        { module: ResourcesModule, providers, exports: providers },
        LoadWarehouseModule,
        LoadDecisionsModule,
        LoadRecordsModule,
        LogProofsModule,
        ClosePeriodsModule,
        ReconciliationModule,
        ReportsModule,
        ExportsModule,
        SystemModule,
      ],
    };
  }
}
