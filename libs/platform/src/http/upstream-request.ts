import { Agent, type IncomingMessage, type OutgoingHttpHeaders, request as send } from 'node:http';
import { Readable, Transform } from 'node:stream';
import { FORWARD_IDLE_MS, FORWARD_IDLE_SOCKETS, FORWARD_SOCKETS } from './forward-limits';
import { type Problem, platformProblem } from './problem';

const agent = new Agent({
  keepAlive: true,
  maxSockets: FORWARD_SOCKETS,
  maxFreeSockets: FORWARD_IDLE_SOCKETS,
  timeout: FORWARD_IDLE_MS,
  scheduling: 'lifo',
});

export type UpstreamRequest = {
  readonly url: URL;
  readonly method: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer | Readable | undefined;
  readonly bodyLimitBytes: number;
  readonly deadlineMs: number;
  /** What a problem calls the service. */
  readonly name: string;
  readonly hangUp: AbortSignal;
};

export type UpstreamAnswer =
  | { readonly ok: true; readonly answer: IncomingMessage }
  | { readonly ok: false; readonly problem: Problem };

type Outcome = UpstreamAnswer | 'stale';

/**
 * Sends one request and answers as soon as the service's headers are there. A kept socket that the
 * service had already closed is no failure of the service: a request without a body is sent once
 * more, on another socket.
 */
export async function askUpstream(request: UpstreamRequest): Promise<UpstreamAnswer> {
  const first = await attempt(request, request.body === undefined);
  if (first !== 'stale') return first;
  const second = await attempt(request, false);
  return second === 'stale' ? away(request.name, 'can not be reached') : second;
}

function attempt(request: UpstreamRequest, maybeStale: boolean): Promise<Outcome> {
  return new Promise((resolve) => {
    const { url, method, headers, hangUp, deadlineMs, name } = request;
    const upstream = send(url, { agent, method, headers, signal: hangUp });
    let settled = false;
    const settle = (outcome: Outcome): void => {
      // What goes wrong with the upload once the answer is there is the answer's business.
      if (settled) return;
      settled = true;
      clearTimeout(late);
      if (outcome === 'stale' || !outcome.ok) upstream.destroy();
      resolve(outcome);
    };
    const late = setTimeout(
      () => settle(away(name, `did not answer in ${deadlineMs} ms`)),
      deadlineMs,
    );
    upstream.on('response', (answer) => settle({ ok: true, answer }));
    upstream.on('error', (error: NodeJS.ErrnoException) => {
      const stale = maybeStale && upstream.reusedSocket && error.code === 'ECONNRESET';
      settle(stale ? 'stale' : away(name, 'can not be reached'));
    });
    const { body } = request;
    // What nobody reads any more would block the client's connection for its next request.
    if (body instanceof Readable) upstream.once('close', () => body.unpipe().resume());
    if (body instanceof Readable)
      limited(body, request.bodyLimitBytes, (problem) => settle({ ok: false, problem })).pipe(
        upstream,
      );
    else upstream.end(body);
  });
}

function away(name: string, what: string): UpstreamAnswer {
  const detail = `The ${name} service ${what}.`;
  const headers = { 'retry-after': '1' };
  return { ok: false, problem: platformProblem('service-unavailable', { detail, headers }) };
}

export const bodyTooLarge = (limit: number): Problem =>
  platformProblem('body-too-large', { detail: `At most ${limit} bytes.` });

/**
 * The body as it passes, until it is too much: `fail` is told, nothing follows. One that breaks off
 * is the client hanging up.
 */
function limited(body: Readable, limit: number, fail: (problem: Problem) => void): Transform {
  let bytes = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes <= limit) return done(null, chunk);
      fail(bodyTooLarge(limit));
    },
  });
  return body.pipe(counted);
}
