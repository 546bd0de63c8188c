import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ServiceLogger } from '../telemetry/logger';
import { nameRoute } from '../telemetry/name-route';
import { REQUEST_ID_HEADER } from './request-id';

/**
 * Gives every answer its request id, and every refused request (all of them at debug) one log
 * line.
 */
export function useRequestTrail(fastify: FastifyInstance, log: ServiceLogger): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.header(REQUEST_ID_HEADER, request.id);
    nameRoute(request.routeOptions.url);
    done();
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const level = reply.statusCode >= 500 ? 'warn' : reply.statusCode >= 400 ? 'info' : 'debug';
    if (log.isLevelEnabled(level)) log[level](lineOf(request, reply), 'request');
    done();
  });
}

/** Never the query, which may name people, and never a body. */
function lineOf(request: FastifyRequest, reply: FastifyReply) {
  return {
    requestId: request.id,
    method: request.method,
    route: request.routeOptions.url ?? 'unknown',
    status: reply.statusCode,
    durationMs: Math.round(reply.elapsedTime * 10) / 10,
  };
}
