import { Module } from '@nestjs/common';
import { LoadWarehouseModule } from '../load-warehouse/load-warehouse.module';
import { ReportsController } from './reports.controller';
import { DecisionsService } from './decisions.service';
import { TrailService } from './trail.service';
import { UsageService } from './usage.service';

/** Answers what was used, from the warehouse alone. */
@Module({
  imports: [LoadWarehouseModule],
  controllers: [ReportsController],
  providers: [UsageService, TrailService, DecisionsService],
})
export class ReportsModule {}
