import { Controller, Delete, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { newKey, pageQuery } from '@tallyward/contracts';
import { validated } from '@tallyward/platform';
import type { FastifyReply } from 'fastify';
import { CatalogReader } from '../storage/catalog/catalog-reader';
import { CatalogService } from './catalog.service';
import { callerWith, type ManagementRequest, originOf, pageOr422, replyWith } from './management';

@Controller('v1/keys')
export class KeysController {
  constructor(
    private readonly catalog: CatalogService,
    private readonly reader: CatalogReader,
  ) {}

  @Get()
  async list(@Req() request: ManagementRequest): Promise<unknown> {
    const { project } = callerWith(request, 'admin');
    const wanted = validated(pageQuery, request.query, 'query');
    return pageOr422(await this.reader.keys(project, wanted));
  }

  @Post()
  @HttpCode(201)
  async create(
    @Req() request: ManagementRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<unknown> {
    const { project } = callerWith(request, 'admin');
    const wanted = validated(newKey, request.body, 'body');
    return replyWith(reply, await this.catalog.createKey(project, wanted, originOf(request)));
  }

  @Post(':id/rotate')
  @HttpCode(201)
  async rotate(
    @Req() request: ManagementRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('id') id: string,
  ): Promise<unknown> {
    const { project } = callerWith(request, 'admin');
    return replyWith(reply, await this.catalog.rotateKey(project, id, originOf(request)));
  }

  @Delete(':id')
  @HttpCode(204)
  async revoke(
    @Req() request: ManagementRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('id') id: string,
  ): Promise<unknown> {
    const { project } = callerWith(request, 'admin');
    return replyWith(reply, await this.catalog.revokeKey(project, id, originOf(request)));
  }
}
