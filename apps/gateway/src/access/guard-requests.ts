import { hasScope, MAX_BODY_BYTES, type RouteAccess } from '@tallyward/contracts';
import type { Problem } from '@tallyward/platform';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { GatewayEvents } from '../events';
import { gatewayProblem } from '../gateway-problem';
import type { BodyBudget } from '../record-usage/body-budget';
import { forbidden, starting, unauthenticated } from './access-problems';
import { authenticate, type Identity } from './authenticate';
import { routeOf } from './known-routes';
import type { ProjectSnapshots } from './project-snapshots';

type GuardedRequest = FastifyRequest & { identity?: Identity };

export interface Guards {
  readonly snapshots: ProjectSnapshots;
  /** False until the snapshots have been read to their end. */
  readonly isReady: () => boolean;
  readonly budget: BodyBudget;
  readonly events: GatewayEvents;
}

/**
 * Looks at every request before a byte of its body is read: who calls, whether the key may, and
 * whether there is room. A route that the table doesn't know is closed.
 */
export function guardRequests(fastify: FastifyInstance, guards: Guards): void {
  fastify.decorateRequest('identity', undefined);
  fastify.addHook('onRequest', (request: GuardedRequest, reply, done) => {
    const problem = admit(request, guards) ?? reserve(request, reply.raw, guards);
    // A Problem goes through Fastify's error handler like an error, and is answered as it is.
    done(problem as unknown as Error | undefined);
  });
}

/** Who sent a request of a route that takes a key. */
export function identityOf(request: GuardedRequest): Identity {
  if (!request.identity) throw new Error('This route is not behind guardRequests');
  return request.identity;
}

function admit(request: GuardedRequest, guards: Guards): Problem | undefined {
  if (request.is404) return undefined;
  const route = routeOf(request.method, request.routeOptions.url ?? '');
  if (!route) return gatewayProblem('not-found', { detail: 'There is no such address.' });
  if (route.access === 'open') return undefined;
  if (!guards.isReady()) return refuse(guards, 'starting', starting());
  const { authorization } = request.headers;
  const found = authenticate(authorization, guards.snapshots, Date.now());
  if (found.kind === 'unknown') {
    return refuse(guards, 'unauthenticated', unauthenticated(found.why));
  }
  if (!mayUse(found.identity, route.access)) {
    return refuse(guards, 'forbidden', forbidden(route.access, found.identity));
  }
  request.identity = found.identity;
  return undefined;
}

function mayUse({ key }: Identity, access: Exclude<RouteAccess, 'open'>): boolean {
  return access === 'operator' ? key.operator : hasScope(key.scopes, access);
}

function reserve(
  request: GuardedRequest,
  response: { once(event: 'close', over: () => void): unknown },
  guards: Guards,
): Problem | undefined {
  const { headers } = request;
  if (Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES) {
    return gatewayProblem('body-too-large', { detail: `At most ${MAX_BODY_BYTES} bytes.` });
  }
  const over = guards.budget.reserve(headers);
  if (!over) return refuse(guards, 'overloaded', overloaded());
  response.once('close', over);
  return undefined;
}

export function overloaded(): Problem {
  return gatewayProblem('overloaded', {
    detail: 'This gateway has its hands full; send the same again a little later.',
    headers: { 'retry-after': '1' },
  });
}

function refuse(
  { events }: Guards,
  reason: Parameters<GatewayEvents['requestRefused']>[0],
  problem: Problem,
): Problem {
  events.requestRefused(reason);
  return problem;
}
