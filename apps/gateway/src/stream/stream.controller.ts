import { Controller, Get, Req, Res } from '@nestjs/common';
import type { Changed } from '@tallyward/contracts';
import { type Problem, sendProblem } from '@tallyward/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { identityOf } from '../access/guard-requests';
import { ProjectSnapshots } from '../access/project-snapshots';
import { isLive } from '../access/authenticate';
import { gatewayProblem } from '../gateway-problem';
import { ChangeFeed, MOST_STREAMS } from './change-feed';
import { DueChanges } from './due-changes';

/** How often a stream looks whether there is something to tell, and whether it may go on. */
const LOOK_EVERY_MS = 500;
const COMMENT_EVERY_MS = 15_000;
/** Told to browsers: how long after a lost connection they come back. */
const RETRY_MS = 5_000;
/** What a client may leave unread; then it is gone, or might as well be. */
const MOST_UNREAD_BYTES = 65_536;

/** Server-sent events: what has changed, for pages that show it. */
@Controller('v1/stream')
export class StreamController {
  constructor(
    private readonly feed: ChangeFeed,
    private readonly snapshots: ProjectSnapshots,
  ) {}

  @Get()
  async stream(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { headers } = request;
    // Room for a body would be kept as long as the stream is open.
    if (headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined) {
      await sendProblem(reply, gatewayProblem('bad-request', { detail: 'Send no body.' }));
      return;
    }
    const identity = identityOf(request);
    const changes = new DueChanges();
    const stop = this.feed.listen({
      project: identity.project.project,
      customer: identity.token?.customer ?? null,
      changed: (kinds) => changes.note(kinds, performance.now()),
    });
    if (!stop) {
      await sendProblem(reply, full());
      return;
    }
    const { raw } = reply.hijack();
    raw.writeHead(200, { ...(reply.getHeaders() as object), ...AS_EVENTS });
    raw.write(`retry: ${RETRY_MS}\n\n`);
    const mayGoOn = (): boolean =>
      isLive(identity, this.snapshots, Date.now()) && request.server.server.listening;
    const end = tell(raw, changes, mayGoOn);
    raw.once('close', () => {
      end();
      stop();
    });
    if (request.method === 'HEAD') raw.end();
  }
}

const AS_EVENTS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
};

/** Writes what is due until it is told to end, or may not go on. */
function tell(raw: FastifyReply['raw'], changes: DueChanges, mayGoOn: () => boolean): () => void {
  let saidAt = performance.now();
  const say = (text: string): void => {
    saidAt = performance.now();
    raw.write(text);
  };
  const timer = setInterval(() => {
    if (raw.writableLength > MOST_UNREAD_BYTES) raw.destroy();
    else if (!mayGoOn()) raw.end();
    if (raw.destroyed || raw.writableEnded) return;
    const kinds = changes.take(performance.now());
    const data: Changed = { kinds, at: new Date().toISOString() };
    if (kinds.length > 0) say(`event: changed\ndata: ${JSON.stringify(data)}\n\n`);
    else if (performance.now() - saidAt >= COMMENT_EVERY_MS) say(': still here\n\n');
  }, LOOK_EVERY_MS);
  return () => clearInterval(timer);
}

function full(): Problem {
  return gatewayProblem('service-unavailable', {
    detail: `This gateway has ${MOST_STREAMS} streams open; ask from time to time instead.`,
    headers: { 'retry-after': '30' },
  });
}
