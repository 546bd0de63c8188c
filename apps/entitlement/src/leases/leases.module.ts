import { Module } from '@nestjs/common';
import { LeaseStore } from '../storage/leases/lease-store';
import { TotalsStore } from '../storage/totals/totals-store';
import { AsksConsumer } from './asks.consumer';
import { AsksFold } from './asks-fold';
import { GrantsSender } from './grants-sender';

/** Grants leases to gateways, takes them back, and reclaims what is left of them. */
@Module({ providers: [LeaseStore, TotalsStore, GrantsSender, AsksFold, AsksConsumer] })
export class LeasesModule {}
