import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import { Problem } from './problem';
import { sendProblem } from './problem-replies';

export type StreamedRoute = {
  readonly method: HTTPMethods | HTTPMethods[];
  /** Fastify's pattern, as `/v1/models/:model` or `/v1/customers/*`. */
  readonly url: string;
  /** Answers by itself (as `forward` does), or with a problem. */
  readonly handle: (request: FastifyRequest, reply: FastifyReply) => Promise<Problem | void>;
};

/**
 * Routes outside Nest whose bodies, of any content type, are handed on as streams: for `forward`.
 * Nest's guards don't see them, so the handler authenticates. Call it before `listen`.
 */
export function streamBodies(fastify: FastifyInstance, routes: readonly StreamedRoute[]): void {
  void fastify.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    for (const { method, url, handle } of routes)
      scope.route({
        method,
        url,
        handler: async (request, reply) => {
          const problem = await handle(request, reply);
          if (problem instanceof Problem) await sendProblem(reply, problem);
          return reply;
        },
      });
  });
}
