import { Controller, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { name, replenishRequest } from '@tallyward/contracts';
import { validated } from '@tallyward/platform';
import type { FastifyReply } from 'fastify';
import { callerWith, type ManagementRequest, originOf, replyWith } from '../catalog/management';
import { ReplenishService } from './replenish.service';

@Controller('v1/customers/:customer/replenish')
export class ReplenishController {
  constructor(private readonly service: ReplenishService) {}

  @Post()
  @HttpCode(200)
  async replenish(
    @Req() request: ManagementRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('customer') given: string,
  ): Promise<unknown> {
    const { project } = callerWith(request, 'admin');
    const id = validated(name, given, 'path');
    const wanted = validated(replenishRequest, request.body, 'body');
    const origin = originOf(request, wanted.reason);
    return replyWith(reply, await this.service.replenish(project, id, wanted, origin));
  }
}
