import { Module } from '@nestjs/common';
import { LeasesModule } from '../leases/leases.module';
import { EntitlementReader } from '../storage/entitlements/entitlement-reader';
import { TotalsStore } from '../storage/totals/totals-store';
import { CountedUntil } from './counted-until';
import { EntitlementsController } from './entitlements.controller';
import { PassedLimitsController } from './passed-limits.controller';

/** Shows what customers may use, and what passed their limits. */
@Module({
  imports: [LeasesModule],
  controllers: [EntitlementsController, PassedLimitsController],
  providers: [EntitlementReader, CountedUntil, TotalsStore],
})
export class EntitlementsModule {}
