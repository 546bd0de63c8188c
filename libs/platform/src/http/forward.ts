import type { FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { answerHeaders, upstreamHeaders } from './forward-headers';
import { FORWARD_DEADLINE_MS, FORWARD_SILENCE_MS } from './forward-limits';
import type { Problem } from './problem';
import { sendProblem } from './problem-replies';
import { REQUEST_ID_HEADER } from './request-id';
import { BODY_LIMIT_BYTES } from './server-limits';
import { askUpstream, bodyTooLarge } from './upstream-request';

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
 * beginning is 503 `service-unavailable`; an answer that breaks off breaks off for the client too,
 * so that it can't take a part for the whole. The client hanging up ends the request behind.
 *
 * The body must be as it came, a stream or a Buffer: see `streamBodies`. The answer goes round
 * Fastify's onSend hooks.
 */
export async function forward(
  request: FastifyRequest,
  reply: FastifyReply,
  options: ForwardOptions,
): Promise<void> {
  const limit = options.bodyLimitBytes ?? BODY_LIMIT_BYTES;
  if (Number(request.headers['content-length'] ?? 0) > limit) {
    await sendProblem(reply, bodyTooLarge(limit));
    return;
  }
  const hangUp = hangUpOf(reply.raw);
  const body = bodyOf(request);
  const asked = await askUpstream({
    url: targetOf(request, options.baseUrl),
    method: request.method,
    headers: headersOf(request, body, options),
    body,
    bodyLimitBytes: limit,
    deadlineMs: options.deadlineMs ?? FORWARD_DEADLINE_MS,
    name: options.name,
    hangUp,
  });
  if (hangUp.aborted) {
    reply.hijack();
    return;
  }
  if (!asked.ok) await sendProblem(reply, asked.problem);
  else await answerWith(asked.answer, reply, options);
}

async function answerWith(
  answer: IncomingMessage,
  reply: FastifyReply,
  options: ForwardOptions,
): Promise<void> {
  const status = answer.statusCode ?? 502;
  // An error while nobody reads yet would otherwise be uncaught; the pipeline meets it again.
  answer.on('error', () => undefined);
  let instead: Problem | undefined;
  try {
    instead = await options.beforeAnswer?.(status, answer.headers);
  } catch (error) {
    answer.destroy();
    throw error;
  }
  if (instead !== undefined) {
    answer.destroy();
    await sendProblem(reply, instead);
    return;
  }
  const headers = { ...answerHeaders(answer.headers), [REQUEST_ID_HEADER]: reply.request.id };
  reply.hijack();
  if (reply.raw.destroyed) {
    answer.destroy();
    return;
  }
  reply.raw.writeHead(status, { ...reply.getHeaders(), ...headers } as never);
  // The service's headers are the answer's beginning: from here on only a broken one can follow.
  reply.raw.flushHeaders();
  await stream(answer, reply.raw, options.silenceMs ?? FORWARD_SILENCE_MS);
}

async function stream(
  answer: IncomingMessage,
  response: ServerResponse,
  silenceMs: number,
): Promise<void> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), silenceMs);
  answer.on('data', () => timer.refresh());
  try {
    await pipeline(answer, response, { signal: silence.signal });
  } catch {
    // Service or client went away in mid-answer: both sides are cut, and the log's request line of
    // the side that lives says so.
    response.destroy();
    answer.destroy();
  } finally {
    clearTimeout(timer);
  }
}

/** Aborted once the client is gone before it had its answer. */
function hangUpOf(response: ServerResponse): AbortSignal {
  const hangUp = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) hangUp.abort();
  });
  return hangUp.signal;
}

/** The path alone counts: an absolute address in the request line must not choose another host. */
function targetOf(request: FastifyRequest, baseUrl: string): URL {
  const { pathname, search } = new URL(request.raw.url ?? '/', 'http://gateway');
  return new URL(`${baseUrl.replace(/\/+$/, '')}${pathname}${search}`);
}

function bodyOf({ body }: FastifyRequest): Buffer | Readable | undefined {
  if (body === undefined || body === null) return undefined;
  if (Buffer.isBuffer(body) || body instanceof Readable) return body;
  throw new Error('forward() takes streamed or raw bodies only');
}

function headersOf(
  request: FastifyRequest,
  body: Buffer | Readable | undefined,
  options: ForwardOptions,
) {
  const own = { ...options.headers, [REQUEST_ID_HEADER]: request.id };
  const headers = upstreamHeaders(request.headers, own);
  // A length that isn't the body's own (GET with a body, which isn't read) would hang the service.
  if (body === undefined) delete headers['content-length'];
  else if (Buffer.isBuffer(body)) headers['content-length'] = String(body.length);
  return headers;
}
