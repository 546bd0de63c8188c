import { Module } from '@nestjs/common';
import { QuarantineReader } from '../storage/quarantine/quarantine-reader';
import { QuarantineController } from './quarantine.controller';

/** Shows what could not be folded; the totals fold writes it, through `parkEntries`. */
@Module({ controllers: [QuarantineController], providers: [QuarantineReader] })
export class QuarantineModule {}
