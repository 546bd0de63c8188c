import { Module } from '@nestjs/common';

/** Folds the usage log into ClickHouse, and knows how far it has come. */
@Module({})
export class LoadWarehouseModule {}
