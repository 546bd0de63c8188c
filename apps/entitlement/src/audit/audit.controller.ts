import { Controller, Get, Req } from '@nestjs/common';
import { auditQuery } from '@tallyward/contracts';
import { validated } from '@tallyward/platform';
import { callerWith, type ManagementRequest, pageOr422 } from '../catalog/management';
import { AuditReader } from '../storage/catalog/audit-reader';

@Controller('v1/audit')
export class AuditController {
  constructor(private readonly reader: AuditReader) {}

  @Get()
  async list(@Req() request: ManagementRequest): Promise<unknown> {
    const { project } = callerWith(request, 'read');
    const wanted = validated(auditQuery, request.query, 'query');
    return pageOr422(await this.reader.page(project, wanted));
  }
}
