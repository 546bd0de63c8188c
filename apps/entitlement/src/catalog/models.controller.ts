import { Controller, Get, Param, Put, Req, Res } from '@nestjs/common';
import { modelAssignment, modelGroupSetting, name, pageQuery } from '@tallyward/contracts';
import { validated } from '@tallyward/platform';
import type { FastifyReply } from 'fastify';
import { CatalogReader } from '../storage/catalog/catalog-reader';
import { CatalogService } from './catalog.service';
import {
  callerWith,
  foundOr404,
  type ManagementRequest,
  originOf,
  pageOr422,
  replyWith,
} from './management';

@Controller('v1')
export class ModelsController {
  constructor(
    private readonly catalog: CatalogService,
    private readonly reader: CatalogReader,
  ) {}

  @Get('models/:model')
  async model(@Req() request: ManagementRequest, @Param('model') model: string): Promise<unknown> {
    const { project } = callerWith(request, 'admin');
    return foundOr404(await this.reader.model(project, validated(name, model, 'path')));
  }

  @Put('models/:model')
  async putModel(
    @Req() request: ManagementRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('model') given: string,
  ): Promise<unknown> {
    const { project } = callerWith(request, 'admin');
    const model = validated(name, given, 'path');
    const { group } = validated(modelAssignment, request.body, 'body');
    const origin = originOf(request);
    return replyWith(reply, await this.catalog.putModel(project, model, group, origin));
  }

  @Get('model-groups')
  async groups(@Req() request: ManagementRequest): Promise<unknown> {
    const { project } = callerWith(request, 'admin');
    const wanted = validated(pageQuery, request.query, 'query');
    return pageOr422(await this.reader.modelGroups(project, wanted));
  }

  @Get('model-groups/:group')
  async group(@Req() request: ManagementRequest, @Param('group') group: string): Promise<unknown> {
    const { project } = callerWith(request, 'admin');
    return foundOr404(await this.reader.modelGroup(project, validated(name, group, 'path')));
  }

  @Put('model-groups/:group')
  async putGroup(
    @Req() request: ManagementRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('group') given: string,
  ): Promise<unknown> {
    const { project } = callerWith(request, 'admin');
    const group = validated(name, given, 'path');
    const { defaultModel } = validated(modelGroupSetting, request.body, 'body');
    const origin = originOf(request);
    return replyWith(reply, await this.catalog.putModelGroup(project, group, defaultModel, origin));
  }
}
