import type { FastifyReply, FastifyRequest } from 'fastify';
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request as send } from 'node:http';
import { Readable, Transform } from 'node:stream';
import { answerHeaders, upstreamHeaders } from './forward-headers';
import { Problem, platformProblem } from './problem';
import { sendProblem } from './problem-replies';
import { REQUEST_ID_HEADER } from './request-id';
import { BODY_LIMIT_BYTES } from './server-limits';

/** How long a service behind may take until its answer begins. */
export const FORWARD_DEADLINE_MS = 30_000;
/** How long an answer that has begun may be silent. */
export const FORWARD_SILENCE_MS = 30_000;
/** Sockets to one service behind; further requests wait for one, within their deadline. */
export const FORWARD_SOCKETS = 128;
/** Idle sockets kept to one service. */
export const FORWARD_IDLE_SOCKETS = 32;
/**
 * How long an idle socket is kept: shorter than the server does, so that none dies under a
 * request.
 */
export const FORWARD_IDLE_MS = 5_000;

const agent = new Agent({
  keepAlive: true,
  maxSockets: FORWARD_SOCKETS,
  maxFreeSockets: FORWARD_IDLE_SOCKETS,
  timeout: FORWARD_IDLE_MS,
  scheduling: 'lifo',
});

export type ForwardOptions = {
  /** Address of the service behind, as `http://127.0.0.1:8081`; the request's own path is added. */
  readonly baseUrl: string;
  /** What the problem calls the service when it is away. */
  readonly name: string;
  /** Headers of our own, as the signed caller; only these may start with `x-tallyward-`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly deadlineMs?: number;
  readonly silenceMs?: number;
  readonly bodyLimitBytes?: number;
  /** Looks at status and headers before the client gets them; a problem is answered instead. */
  readonly beforeAnswer?: (
    status: number,
    headers: IncomingHttpHeaders,
  ) => Promise<Problem | undefined>;
};

/**
 * Streams a request to the service behind and its answer back. Whatever keeps the answer from
 * beginning is 503 `service-unavailable`; an answer that breaks off breaks off for the client
 * too, so that it can't take a part for the whole. The client hanging up ends the request behind.
 *
 * The route must not have parsed the body as anything but a Buffer: see `streamBodies`.
 */
export async function forward(
  request: FastifyRequest,
  reply: FastifyReply,
  options: ForwardOptions,
): Promise<void> {
  const hangUp = new AbortController();
  const onClose = (): void => {
    if (!reply.raw.writableFinished) hangUp.abort();
  };
  reply.raw.once('close', onClose);
  const answer = await answerOf(request, options, hangUp.signal);
  if (answer instanceof Problem) {
    if (!reply.raw.destroyed) await sendProblem(reply, answer);
    return;
  }
  const instead = await options.beforeAnswer?.(answer.statusCode ?? 502, answer.headers);
  if (instead !== undefined) {
    answer.destroy();
    await sendProblem(reply, instead);
    return;
  }
  limitSilence(answer, options.silenceMs ?? FORWARD_SILENCE_MS);
  const headers = answerHeaders(answer.headers);
  delete headers[REQUEST_ID_HEADER];
  await reply
    .code(answer.statusCode ?? 502)
    .headers(headers)
    .send(answer);
}

function answerOf(
  request: FastifyRequest,
  options: ForwardOptions,
  hangUp: AbortSignal,
): Promise<IncomingMessage | Problem> {
  const deadlineMs = options.deadlineMs ?? FORWARD_DEADLINE_MS;
  return new Promise((resolve) => {
    const upstream = send(new URL(targetOf(request, options.baseUrl)), {
      agent,
      method: request.method,
      headers: upstreamHeaders(request.headers, {
        ...options.headers,
        [REQUEST_ID_HEADER]: String(request.id),
      }),
      signal: hangUp,
    });
    const late = setTimeout(() => {
      finish(away(options.name, `did not answer in ${deadlineMs} ms`));
    }, deadlineMs);
    const finish = (result: IncomingMessage | Problem): void => {
      clearTimeout(late);
      resolve(result);
      if (result instanceof Problem) upstream.destroy();
    };
    upstream.on('response', finish);
    upstream.on('error', () => finish(away(options.name, 'can not be reached')));
    const body = bodyOf(request, options.bodyLimitBytes ?? BODY_LIMIT_BYTES);
    body?.on('error', (error) => finish(bodyFault(error)));
    if (body === undefined) upstream.end();
    else body.pipe(upstream);
  });
}

const away = (name: string, what: string): Problem =>
  platformProblem('service-unavailable', {
    detail: `The ${name} service ${what}.`,
    headers: { 'retry-after': '1' },
  });

const bodyFault = (error: unknown): Problem =>
  error instanceof BodyTooLarge
    ? platformProblem('body-too-large', { detail: 'Send less at once.' })
    : platformProblem('bad-request', { detail: 'The body broke off.' });

/** The path alone counts: an absolute address in the request line must not choose another host. */
function targetOf(request: FastifyRequest, baseUrl: string): string {
  const { pathname, search } = new URL(request.raw.url ?? '/', 'http://gateway');
  return `${baseUrl.replace(/\/+$/, '')}${pathname}${search}`;
}

class BodyTooLarge extends Error {}

function bodyOf(request: FastifyRequest, limit: number): Readable | undefined {
  const { body } = request;
  if (body === undefined || body === null) return undefined;
  if (Buffer.isBuffer(body)) return Readable.from([body]);
  if (!(body instanceof Readable)) throw new Error('forward() takes streamed or raw bodies only');
  let bytes = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      done(bytes > limit ? new BodyTooLarge() : null, chunk);
    },
  });
  body.on('error', (error) => counted.destroy(error));
  return body.pipe(counted);
}

function limitSilence(answer: IncomingMessage, silenceMs: number): void {
  const cut = (): void => {
    answer.destroy(new Error('the service behind fell silent in mid-answer'));
  };
  const timer = setTimeout(cut, silenceMs);
  answer.on('data', () => timer.refresh());
  answer.once('close', () => clearTimeout(timer));
}
