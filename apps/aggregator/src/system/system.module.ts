import { Module } from '@nestjs/common';
import { LoadWarehouseModule } from '../load-warehouse/load-warehouse.module';
import { LogProofsModule } from '../log-proofs/log-proofs.module';
import { FoldsController } from './folds.controller';

/** Says how this service is doing. */
@Module({ imports: [LoadWarehouseModule, LogProofsModule], controllers: [FoldsController] })
export class SystemModule {}
