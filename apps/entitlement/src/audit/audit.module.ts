import { Module } from '@nestjs/common';
import { AuditReader } from '../storage/catalog/audit-reader';
import { AuditController } from './audit.controller';

/** Shows who changed what; the stores write it, with each change. */
@Module({ controllers: [AuditController], providers: [AuditReader] })
export class AuditModule {}
