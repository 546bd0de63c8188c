import { Controller, Get, Put, Req, Res } from '@nestjs/common';
import { settingsChange } from '@tallyward/contracts';
import { validated } from '@tallyward/platform';
import type { FastifyReply } from 'fastify';
import { CatalogReader } from '../storage/catalog/catalog-reader';
import { CatalogService } from './catalog.service';
import { callerWith, foundOr404, type ManagementRequest, originOf, replyWith } from './management';

@Controller('v1/settings')
export class SettingsController {
  constructor(
    private readonly catalog: CatalogService,
    private readonly reader: CatalogReader,
  ) {}

  @Get()
  async settings(@Req() request: ManagementRequest): Promise<unknown> {
    const { project } = callerWith(request, 'admin');
    return foundOr404(await this.reader.settings(project));
  }

  @Put()
  async putSettings(
    @Req() request: ManagementRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<unknown> {
    const { project } = callerWith(request, 'admin');
    const { reason, ...change } = validated(settingsChange, request.body, 'body');
    const origin = originOf(request, reason);
    return replyWith(reply, await this.catalog.putSettings(project, change, origin));
  }
}
