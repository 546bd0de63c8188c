import { Module } from '@nestjs/common';
import { TotalsStore } from '../storage/totals/totals-store';
import { FoldWatch } from './fold-watch';
import { HoldOwners } from './hold-owners';
import { ProgressController } from './progress.controller';
import { KeyPruning } from './prune-keys';
import { TotalsFold } from './totals-fold';
import { UsageLogConsumer } from './usage-log.consumer';

/** Folds the usage log into totals. */
@Module({
  controllers: [ProgressController],
  providers: [TotalsStore, HoldOwners, TotalsFold, UsageLogConsumer, FoldWatch, KeyPruning],
})
export class ProjectTotalsModule {}
