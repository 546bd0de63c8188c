import { Module } from '@nestjs/common';
import { HELD_CALLS } from '../entitlements/held-calls';
import { ReclaimStore } from '../storage/leases/reclaim-store';
import { LeaseStore } from '../storage/leases/lease-store';
import { TotalsStore } from '../storage/totals/totals-store';
import { AsksConsumer } from './asks.consumer';
import { AsksFold } from './asks-fold';
import { AsksWatch } from './asks-watch';
import { GrantsSender } from './grants-sender';
import { LeaseUpkeep } from './lease-upkeep';
import { LeasePruning } from './prune-leases';
import { Reclaim } from './reclaim';
import { RefusedGateways } from './refused-gateways';

/** Grants leases to gateways, takes them back, and reclaims what is left of them. */
@Module({
  providers: [
    ...[LeaseStore, ReclaimStore, TotalsStore],
    ...[GrantsSender, RefusedGateways, AsksFold, AsksConsumer, AsksWatch],
    ...[Reclaim, LeasePruning, LeaseUpkeep],
    { provide: HELD_CALLS, useFactory: ({ held }: AsksFold) => held, inject: [AsksFold] },
  ],
  exports: [HELD_CALLS],
})
export class LeasesModule {}
