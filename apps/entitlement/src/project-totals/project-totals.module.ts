import { Module } from '@nestjs/common';

/** Folds the usage log into totals. */
@Module({})
export class ProjectTotalsModule {}
