import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import type { VoidAccepted } from '@tallyward/contracts';
import { Problem } from '@tallyward/platform';
import type { FastifyRequest } from 'fastify';
import { identityOf } from '../access/guard-requests';
import { readJsonBody } from '../decide/json-body';
import { GatewayEvents } from '../events';
import { VoidEvents } from './void-events.service';

@Controller()
export class VoidEventsController {
  constructor(
    private readonly voids: VoidEvents,
    private readonly events: GatewayEvents,
  ) {}

  @Post('v1/events/void')
  @HttpCode(202)
  async take(@Req() request: FastifyRequest): Promise<VoidAccepted | Problem> {
    const body = await readJsonBody(request);
    if (body instanceof Problem) {
      this.events.requestRefused('unreadable');
      return body;
    }
    return this.voids.take(body.json, identityOf(request));
  }
}
