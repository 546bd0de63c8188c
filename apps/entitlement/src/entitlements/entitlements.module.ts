import { Module } from '@nestjs/common';
import { EntitlementReader } from '../storage/entitlements/entitlement-reader';
import { TotalsStore } from '../storage/totals/totals-store';
import { CountedUntil } from './counted-until';
import { EntitlementsController } from './entitlements.controller';
import { HELD_CALLS, type HeldCalls } from './held-calls';

const NOBODY_TOLD: HeldCalls = { elsewhere: () => 0 };

/** Shows what customers may use, and what passed their limits. */
@Module({
  controllers: [EntitlementsController],
  providers: [
    EntitlementReader,
    CountedUntil,
    TotalsStore,
    { provide: HELD_CALLS, useValue: NOBODY_TOLD },
  ],
  exports: [HELD_CALLS],
})
export class EntitlementsModule {}
