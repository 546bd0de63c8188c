import { Module } from '@nestjs/common';
import { QuarantineReader } from '../storage/quarantine/quarantine-reader';
import { TotalsStore } from '../storage/totals/totals-store';
import { SystemController } from './system.controller';

/** Says how this service is doing. */
@Module({ controllers: [SystemController], providers: [TotalsStore, QuarantineReader] })
export class SystemModule {}
