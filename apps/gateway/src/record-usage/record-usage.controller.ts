import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import { MAX_BODY_BYTES, type EventsAccepted } from '@tallyward/contracts';
import { Problem } from '@tallyward/platform';
import type { FastifyRequest } from 'fastify';
import { identityOf } from '../access/guard-requests';
import { GatewayEvents } from '../events';
import { gatewayProblem } from '../gateway-problem';
import { readBody, type ReadBody } from './read-body';
import { RecordUsage } from './record-usage.service';
import { HOW_TO_SEND, modeOf, sentEvents } from './sent-events';

@Controller()
export class RecordUsageController {
  constructor(
    private readonly usage: RecordUsage,
    private readonly events: GatewayEvents,
  ) {}

  @Post('v1/events')
  @HttpCode(202)
  async record(@Req() request: FastifyRequest): Promise<EventsAccepted | Problem> {
    const { headers } = request;
    const mode = modeOf(headers);
    if (!mode) return this.unreadable(unsupported());
    const body = await readBody(request.body, headers);
    if (body.kind !== 'bytes') return this.unreadable(problemOf(body));
    const sent = sentEvents(mode, headers, body.bytes);
    if (sent.kind === 'problem') return this.unreadable(sent.problem);
    return this.usage.record(sent.events, identityOf(request));
  }

  private unreadable(problem: Problem): Problem {
    this.events.requestRefused('unreadable');
    return problem;
  }
}

function unsupported(): Problem {
  return gatewayProblem('unsupported-media-type', {
    detail: HOW_TO_SEND,
    headers: { 'accept-encoding': 'gzip' },
  });
}

function problemOf(body: Exclude<ReadBody, { kind: 'bytes' }>): Problem {
  switch (body.kind) {
    case 'unknown-encoding':
      return unsupported();
    case 'too-large':
      return gatewayProblem('body-too-large', { detail: `At most ${MAX_BODY_BYTES} bytes.` });
    case 'fault':
      return gatewayProblem('bad-request', { detail: body.detail });
  }
}
