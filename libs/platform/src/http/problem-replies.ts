import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { randomUUID } from 'node:crypto';
import type { ServiceLogger } from '../telemetry/logger';
import { PROBLEM_CONTENT_TYPE, Problem, platformProblem } from './problem';
import { REQUEST_ID_HEADER, requestIdOf } from './request-id';

/**
 * A service's own reading of an error that reached the edge, as a dead database; undefined: not
 * mine.
 */
export type ProblemOfError = (error: unknown) => Problem | undefined;

const BY_STATUS = new Map<number, Parameters<typeof platformProblem>[0]>([
  [401, 'unauthenticated'],
  [403, 'forbidden'],
  [404, 'not-found'],
  [405, 'method-not-allowed'],
  [409, 'conflict'],
  [413, 'body-too-large'],
  [415, 'unsupported-media-type'],
  [422, 'invalid'],
  [429, 'overloaded'],
  [503, 'service-unavailable'],
]);

/** Our words for what Fastify finds; its own may repeat what the client sent. */
const BY_FASTIFY_CODE: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'The body is not as long as Content-Length says.',
  FST_ERR_CTP_INVALID_JSON_BODY: 'The body is not valid JSON.',
  FST_ERR_BAD_URL: 'The address is not valid percent-encoded UTF-8.',
  FST_ERR_MAX_PARAM_LENGTH: 'A part of the address is too long.',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'The Content-Type is not one that this address takes.',
  FST_ERR_CTP_BODY_TOO_LARGE: 'Send less at once.',
};

/** The problem that tells of `error`, or undefined when it is our own failure (500). */
export function problemOf(error: unknown, mapError?: ProblemOfError): Problem | undefined {
  if (error instanceof Problem) return error;
  if (error instanceof HttpException) return ofStatus(error.getStatus(), undefined);
  const fastify = error as Partial<FastifyError> | null;
  if (typeof fastify?.code === 'string' && fastify.code.startsWith('FST_'))
    return ofStatus(fastify.statusCode ?? 500, BY_FASTIFY_CODE[fastify.code]);
  if (error instanceof SyntaxError && fastify?.statusCode === 400)
    return ofStatus(400, BY_FASTIFY_CODE['FST_ERR_CTP_INVALID_JSON_BODY']);
  return mapError?.(error);
}

function ofStatus(status: number, detail: string | undefined): Problem | undefined {
  const code = BY_STATUS.get(status);
  const details = detail === undefined ? {} : { detail };
  if (code !== undefined) return platformProblem(code, details);
  if (status >= 400 && status < 500) return platformProblem('bad-request', { status, ...details });
  return undefined;
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply
    .code(problem.status)
    .headers({ ...problem.fields.headers })
    .header('content-type', PROBLEM_CONTENT_TYPE)
    .header(REQUEST_ID_HEADER, reply.request.id)
    .send(JSON.stringify(problem.body(String(reply.request.id))));
}

/**
 * Where Fastify has no reply yet (a malformed address), or Nest's middleware has only the raw
 * one.
 */
export function writeProblem(response: ServerResponse, problem: Problem, requestId: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = JSON.stringify(problem.body(requestId));
  response.writeHead(problem.status, {
    ...problem.fields.headers,
    'content-type': PROBLEM_CONTENT_TYPE,
    'content-length': Buffer.byteLength(body),
    [REQUEST_ID_HEADER]: requestId,
  });
  response.end(body);
}

/**
 * Answers any error: what can be told as a problem is, anything else is 500 and one line in the
 * log.
 */
export class ErrorAnswers {
  constructor(
    private readonly log: ServiceLogger,
    private readonly mapError?: ProblemOfError,
  ) {}

  of(error: unknown, requestId: string): Problem {
    const told = problemOf(error, this.mapError);
    if (told === undefined) this.log.error({ err: error, requestId }, 'a request failed');
    else if (told.status >= 500 && !(error instanceof Problem))
      this.log.warn({ err: error, requestId }, 'a dependency is away');
    return told ?? platformProblem('internal-error');
  }

  readonly toReply = (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    if (reply.sent) return;
    void sendProblem(reply, this.of(error, String(request.id)));
  };
}

/** Puts every exception that Nest catches into a problem. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly answers: ErrorAnswers) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply | ServerResponse>();
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    if ('raw' in reply) return this.answers.toReply(error, request, reply);
    const requestId = requestIdOf(request);
    writeProblem(reply, this.answers.of(error, requestId), requestId);
  }
}

/** Answers what Node's HTTP parser refuses, on the bare socket: there is no request yet. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (socket.writable) {
    const problem = clientErrorProblem(error.code);
    const requestId = randomUUID();
    const body = JSON.stringify(problem.body(requestId));
    socket.write(
      [
        `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}`,
        `content-type: ${PROBLEM_CONTENT_TYPE}`,
        `content-length: ${Buffer.byteLength(body)}`,
        `${REQUEST_ID_HEADER}: ${requestId}`,
        'connection: close',
        '',
        body,
      ].join('\r\n'),
    );
  }
  socket.destroySoon();
}

function clientErrorProblem(code: string | undefined): Problem {
  if (code === 'HPE_HEADER_OVERFLOW')
    return platformProblem('bad-request', { status: 431, detail: 'The headers are too large.' });
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return platformProblem('bad-request', { status: 408, detail: 'The request took too long.' });
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return platformProblem('body-too-large');
  return platformProblem('bad-request', { detail: 'This is not an HTTP/1.1 request.' });
}
