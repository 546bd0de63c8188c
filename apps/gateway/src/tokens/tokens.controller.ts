import { Controller, Header, Param, Post, Req } from '@nestjs/common';
import { type CustomerTokenAnswer, customerTokenRequest, name } from '@tallyward/contracts';
import { Problem, validate } from '@tallyward/platform';
import type { FastifyRequest } from 'fastify';
import { CustomerTokens } from '../access/customer-tokens';
import { identityOf } from '../access/guard-requests';
import { readJsonBody } from '../decide/json-body';
import { GatewayEvents } from '../events';

/** Makes tokens for customers' browsers; a customer need not have called yet. */
@Controller('v1/customers/:customer/tokens')
export class TokensController {
  constructor(
    private readonly tokens: CustomerTokens,
    private readonly events: GatewayEvents,
  ) {}

  @Post()
  @Header('cache-control', 'no-store')
  async make(
    @Param('customer') given: string,
    @Req() request: FastifyRequest,
  ): Promise<CustomerTokenAnswer | Problem> {
    const named = validate(name, given, 'path');
    if (!named.ok) return this.unreadable(named.problem);
    const body = await readJsonBody(request);
    if (body instanceof Problem) return this.unreadable(body);
    const read = validate(customerTokenRequest, body.json, 'body');
    if (!read.ok) return this.unreadable(read.problem);
    const [customer, { ttlSeconds }] = [named.value, read.value];
    const made = this.tokens.make(identityOf(request), customer, ttlSeconds, Date.now());
    return { ...made, customer, expiresAt: new Date(made.expiresAt).toISOString() };
  }

  private unreadable(problem: Problem): Problem {
    this.events.requestRefused('unreadable');
    return problem;
  }
}
