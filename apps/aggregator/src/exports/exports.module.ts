import { Module } from '@nestjs/common';
import { LoadWarehouseModule } from '../load-warehouse/load-warehouse.module';
import { ExportPlaces } from './export-places';
import { ExportsController } from './exports.controller';
import { ExportsService } from './exports.service';

/** Streams what the warehouse holds, of any size. */
@Module({
  imports: [LoadWarehouseModule],
  controllers: [ExportsController],
  providers: [ExportsService, ExportPlaces],
})
export class ExportsModule {}
