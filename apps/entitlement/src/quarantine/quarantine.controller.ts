import { Controller, Get, Req } from '@nestjs/common';
import { quarantineQuery } from '@tallyward/contracts';
import { validated } from '@tallyward/platform';
import { callerWith, type ManagementRequest, pageOr422 } from '../catalog/management';
import { QuarantineReader } from '../storage/quarantine/quarantine-reader';

@Controller('v1/quarantine')
export class QuarantineController {
  constructor(private readonly reader: QuarantineReader) {}

  /** The caller's own; what can't be told whose it is, the operator sees beside it. */
  @Get()
  async list(@Req() request: ManagementRequest): Promise<unknown> {
    const { project, operator } = callerWith(request, 'read');
    const wanted = validated(quarantineQuery, request.query, 'query');
    return pageOr422(await this.reader.page(project, operator, wanted));
  }
}
