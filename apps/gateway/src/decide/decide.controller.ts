import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import { type DecisionAnswer, decisionRequest } from '@tallyward/contracts';
import { Problem, validate } from '@tallyward/platform';
import type { FastifyRequest } from 'fastify';
import { identityOf } from '../access/guard-requests';
import { GatewayEvents } from '../events';
import { readJsonBody } from './json-body';
import { Decide } from './decide.service';

@Controller()
export class DecideController {
  constructor(
    private readonly decisions: Decide,
    private readonly events: GatewayEvents,
  ) {}

  @Post('v1/decisions')
  @HttpCode(200)
  async decide(@Req() request: FastifyRequest): Promise<DecisionAnswer | Problem> {
    const body = await readJsonBody(request);
    if (body instanceof Problem) return this.unreadable(body);
    const read = validate(decisionRequest, body.json, 'body');
    if (!read.ok) return this.unreadable(read.problem);
    return this.decisions.decide(read.value, identityOf(request).project);
  }

  private unreadable(problem: Problem): Problem {
    this.events.requestRefused('unreadable');
    return problem;
  }
}
