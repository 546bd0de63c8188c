import { Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import { newProject, pageQuery } from '@tallyward/contracts';
import { validated } from '@tallyward/platform';
import type { FastifyReply } from 'fastify';
import { CatalogReader } from '../storage/catalog/catalog-reader';
import { CatalogService } from './catalog.service';
import { type ManagementRequest, operatorOf, originOf, pageOr422, replyWith } from './management';

@Controller('v1/projects')
export class ProjectsController {
  constructor(
    private readonly catalog: CatalogService,
    private readonly reader: CatalogReader,
  ) {}

  @Post()
  @HttpCode(201)
  async create(
    @Req() request: ManagementRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<unknown> {
    operatorOf(request);
    const { name } = validated(newProject, request.body, 'body');
    return replyWith(reply, await this.catalog.createProject(name, originOf(request)));
  }

  @Get()
  async list(@Req() request: ManagementRequest): Promise<unknown> {
    operatorOf(request);
    return pageOr422(await this.reader.projects(validated(pageQuery, request.query, 'query')));
  }
}
