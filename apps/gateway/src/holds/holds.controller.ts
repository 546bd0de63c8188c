import { Controller, HttpCode, Param, Post, Req } from '@nestjs/common';
import type { HoldSettled } from '@tallyward/contracts';
import { Problem } from '@tallyward/platform';
import type { FastifyRequest } from 'fastify';
import { identityOf } from '../access/guard-requests';
import { readJsonBody } from '../decide/json-body';
import { GatewayEvents } from '../events';
import { Holds } from './holds.service';

@Controller('v1/holds/:holdId')
export class HoldsController {
  constructor(
    private readonly holds: Holds,
    private readonly events: GatewayEvents,
  ) {}

  @Post('settle')
  @HttpCode(202)
  async settle(
    @Param('holdId') holdId: string,
    @Req() request: FastifyRequest,
  ): Promise<HoldSettled | Problem> {
    const identity = identityOf(request);
    const token = this.holds.find(holdId, identity);
    if (token instanceof Problem) return token;
    const body = await readJsonBody(request);
    if (body instanceof Problem) {
      this.events.requestRefused('unreadable');
      return body;
    }
    return this.holds.settle(token, body.json, identity);
  }

  @Post('release')
  @HttpCode(204)
  async release(
    @Param('holdId') holdId: string,
    @Req() request: FastifyRequest,
  ): Promise<Problem | undefined> {
    const identity = identityOf(request);
    const token = this.holds.find(holdId, identity);
    return token instanceof Problem ? token : this.holds.release(token, identity);
  }
}
