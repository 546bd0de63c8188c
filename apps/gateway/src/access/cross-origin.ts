import { ROUTES } from '@tallyward/contracts';
import type { FastifyInstance } from 'fastify';
import { isCustomerToken } from './customer-tokens';

/** Browsers ask again after so many seconds. */
const PREFLIGHT_KEPT_S = 600;

const PATHS = ROUTES.filter(({ ofCustomer }) => ofCustomer).map(
  ({ path }) => new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
);

/**
 * Lets pages of other hosts, where the widget stands, read what a customer's token reads. Nothing
 * of a cookie goes there or comes from there: `*` lets no browser send one.
 */
export function answerOtherOrigins(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const { method, headers } = request;
    const path = request.url.split('?', 1)[0] ?? '';
    const isPreflight =
      method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
    if (!isPreflight && !isCustomerToken(headers.authorization)) return done();
    if (!PATHS.some((one) => one.test(path))) return done();
    void reply.header('access-control-allow-origin', '*');
    if (!isPreflight) {
      void reply.header('access-control-expose-headers', 'retry-after, x-request-id');
      return done();
    }
    void reply
      .headers({
        'access-control-allow-methods': 'GET, HEAD',
        'access-control-allow-headers': 'authorization',
        'access-control-max-age': String(PREFLIGHT_KEPT_S),
      })
      .code(204)
      .send();
  });
}
