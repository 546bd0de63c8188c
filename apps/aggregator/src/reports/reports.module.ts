import { Module } from '@nestjs/common';
import { LoadDecisionsModule } from '../load-decisions/load-decisions.module';
import { LoadWarehouseModule } from '../load-warehouse/load-warehouse.module';
import { DecisionSummaryService } from './decision-summary.service';
import { DecisionsController } from './decisions.controller';
import { ReportsController } from './reports.controller';
import { DecisionsService } from './decisions.service';
import { TrailService } from './trail.service';
import { UsageService } from './usage.service';

/** Answers what was used, from the warehouse alone. */
@Module({
  imports: [LoadWarehouseModule, LoadDecisionsModule],
  controllers: [ReportsController, DecisionsController],
  providers: [UsageService, TrailService, DecisionsService, DecisionSummaryService],
})
export class ReportsModule {}
