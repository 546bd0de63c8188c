import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { KnownRoutes } from './known-routes';
import { Problem, platformProblem } from './problem';
import {
  answerClientError,
  type ErrorAnswers,
  problemOf,
  sendProblem,
  writeProblem,
} from './problem-replies';
import { requestIdOf } from './request-id';
import {
  HEADERS_TIMEOUT_MS,
  KEEP_ALIVE_TIMEOUT_MS,
  LATE_REQUEST_CHECK_MS,
  MAX_CONNECTIONS,
  MAX_HEADER_BYTES,
  MAX_HEADER_COUNT,
  MAX_PARAM_LENGTH,
  REQUEST_TIMEOUT_MS,
} from './server-limits';

/**
 * Nest's Fastify adapter with our limits, which answers every error, Fastify's too, as a problem.
 */
export class ProblemAdapter extends FastifyAdapter {
  private readonly routes = new KnownRoutes();

  constructor(
    private readonly answers: ErrorAnswers,
    bodyLimit: number,
  ) {
    super({
      bodyLimit,
      genReqId: requestIdOf,
      requestIdHeader: false,
      trustProxy: false,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      forceCloseConnections: 'idle',
      // While stopping, what arrives on a connection that is still open is answered, then it
      // closes.
      return503OnClosing: false,
      routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
      http: {
        maxHeaderSize: MAX_HEADER_BYTES,
        headersTimeout: HEADERS_TIMEOUT_MS,
        connectionsCheckingInterval: LATE_REQUEST_CHECK_MS,
        // Node would refuse it without a word; the hook below does, with a problem.
        requireHostHeader: false,
      },
      clientErrorHandler: answerClientError as never,
      frameworkErrors: ((error: unknown, request: IncomingMessage, response: ServerResponse) => {
        answerFrameworkError(error, request, response);
      }) as never,
    });
    const fastify = this.getInstance();
    fastify.server.maxConnections = MAX_CONNECTIONS;
    fastify.server.maxHeadersCount = MAX_HEADER_COUNT;
    fastify.server.on('checkExpectation', refuseExpectation);
    fastify.addHook('onRequest', (request, reply, done) => {
      if (request.raw.headers.host !== undefined || request.raw.httpVersion === '1.0')
        return done();
      const problem = platformProblem('bad-request', { detail: 'The Host header is missing.' });
      void sendProblem(reply, problem);
    });
    fastify.addHook('onRoute', ({ url, method }) => this.routes.add(url, method));
  }

  /** Instead of Nest's own, which would lose Fastify's code on the way. */
  override setErrorHandler() {
    return this.getInstance().setErrorHandler(this.answers.toReply) as never;
  }

  override setNotFoundHandler() {
    return this.getInstance().setNotFoundHandler((request, reply) => {
      void sendProblem(reply, this.notFound(request));
    }) as never;
  }

  override reply(
    response: FastifyReply | ServerResponse,
    body: unknown,
    statusCode?: number,
  ): FastifyReply {
    if (body instanceof Problem && 'raw' in response) return sendProblem(response, body);
    return super.reply(response as never, body as never, statusCode) as unknown as FastifyReply;
  }

  private notFound(request: FastifyRequest): Problem {
    const path = request.url.split('?', 1)[0] ?? '/';
    const methods = this.routes.methodsOf(path).filter((method) => method !== request.method);
    if (methods.length === 0)
      return platformProblem('not-found', { detail: 'There is no such address.' });
    const allow = methods.join(', ');
    return platformProblem('method-not-allowed', {
      detail: `This address takes ${allow}.`,
      headers: { allow },
    });
  }
}

/** `Expect: 100-continue` is Node's business; nothing else can be promised. */
function refuseExpectation(request: IncomingMessage, response: ServerResponse): void {
  const detail = 'The Expect header asks for what is not offered here.';
  writeProblem(
    response,
    platformProblem('bad-request', { status: 417, detail }),
    requestIdOf(request),
  );
}

/** Before routing there is no reply that hooks have seen: the raw response is written. */
function answerFrameworkError(
  error: unknown,
  request: IncomingMessage | FastifyRequest,
  response: ServerResponse | FastifyReply,
): void {
  const problem = problemOf(error) ?? platformProblem('bad-request');
  const raw = 'raw' in response ? response.raw : response;
  if ('raw' in response) response.hijack();
  writeProblem(raw, problem, requestIdOf(request));
}
