import { Controller, Delete, Get, Header, HttpCode, Post, Req, Res } from '@nestjs/common';
import { type SessionAnswer, sessionRequest } from '@tallyward/contracts';
import { Problem, validate } from '@tallyward/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { csrfFailed, starting, unauthenticated } from '../access/access-problems';
import { authenticate, type Identity } from '../access/authenticate';
import { identityOf } from '../access/guard-requests';
import { ProjectSnapshots } from '../access/project-snapshots';
import { isOwnOrigin, Sessions } from '../access/sessions';
import { SnapshotFeed } from '../access/snapshot-feed';
import { readJsonBody } from '../decide/json-body';
import { GatewayEvents } from '../events';
import { sessionCookie } from './session-cookie';

/** Signs browsers in and out; every answer is for whoever asked alone. */
@Controller('v1/session')
export class SessionController {
  constructor(
    private readonly sessions: Sessions,
    private readonly snapshots: ProjectSnapshots,
    private readonly feed: SnapshotFeed,
    private readonly events: GatewayEvents,
  ) {}

  @Post()
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  async open(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SessionAnswer | Problem> {
    if (!this.feed.caughtUp()) return this.refuse('starting', starting());
    if (!isOwnOrigin(request.headers)) return this.refuse('forbidden', csrfFailed());
    const body = await readJsonBody(request);
    if (body instanceof Problem) return this.refuse('unreadable', body);
    const read = validate(sessionRequest, body.json, 'body');
    if (!read.ok) return this.refuse('unreadable', read.problem);
    const now = Date.now();
    const found = authenticate(`Bearer ${read.value.key}`, this.snapshots, now);
    if (found.kind === 'unknown') {
      return this.refuse('unauthenticated', unauthenticated('refused'));
    }
    const { cookie, session } = this.sessions.open(found.identity, now);
    const maxAge = Math.floor((session.expiresAt - now) / 1_000);
    void reply.header('set-cookie', sessionCookie(cookie, maxAge, request.headers));
    return answerOf({ ...found.identity, session });
  }

  @Get()
  @Header('cache-control', 'no-store')
  read(@Req() request: FastifyRequest): SessionAnswer {
    return answerOf(identityOf(request));
  }

  @Delete()
  @HttpCode(204)
  @Header('cache-control', 'no-store')
  end(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): void {
    void reply.header('set-cookie', sessionCookie('', 0, request.headers));
  }

  private refuse(why: Parameters<GatewayEvents['requestRefused']>[0], problem: Problem): Problem {
    this.events.requestRefused(why);
    return problem;
  }
}

function answerOf({ key, project, session, token }: Identity): SessionAnswer {
  const of = { project: project.project, timeZone: project.timeZone };
  if (token) {
    const { customer } = token;
    const expiresAt = new Date(token.expiresAt).toISOString();
    const nothing = { scopes: [], operator: false, csrf: null };
    return { ...of, name: customer, customer, expiresAt, ...nothing };
  }
  const expiresAt = session?.expiresAt ?? key.expiresAt;
  return {
    ...of,
    name: key.name,
    scopes: [...key.scopes],
    operator: key.operator,
    customer: null,
    expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
    csrf: session?.csrf ?? null,
  };
}
