import {
  CSRF_HEADER,
  hasScope,
  MAX_BODY_BYTES,
  type RouteAccess,
  type RouteDeclaration,
} from '@tallyward/contracts';
import type { Problem } from '@tallyward/platform';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { GatewayEvents } from '../events';
import { gatewayProblem } from '../gateway-problem';
import type { BodyBudget } from '../record-usage/body-budget';
import {
  csrfFailed,
  forbidden,
  notThisCustomer,
  scopeMissing,
  starting,
  unauthenticated,
} from './access-problems';
import { type Authenticated, authenticate, type Identity } from './authenticate';
import { type CustomerTokens, isCustomerToken } from './customer-tokens';
import type { KeyUse } from './key-use';
import { routeOf } from './known-routes';
import type { ProjectSnapshots } from './project-snapshots';
import { isOwnOrigin, isSameText, type Sessions } from './sessions';

type GuardedRequest = FastifyRequest & { identity?: Identity };

export interface Guards {
  readonly snapshots: ProjectSnapshots;
  readonly sessions: Sessions;
  readonly tokens: CustomerTokens;
  /** False until the snapshots have been read to their end. */
  readonly isReady: () => boolean;
  readonly budget: BodyBudget;
  readonly events: GatewayEvents;
  readonly used: Pick<KeyUse, 'note'>;
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
  const found = whoCalls(request, guards);
  if (found.kind === 'unknown') {
    return refuse(guards, 'unauthenticated', unauthenticated(found.why));
  }
  const { token } = found.identity;
  const others = token && notOwn(request, route, token.customer);
  if (others) return refuse(guards, 'forbidden', others);
  if (!isMeant(request, found.identity)) return refuse(guards, 'forbidden', csrfFailed());
  if (!token && !mayUse(found.identity, route.access)) {
    return refuse(guards, 'forbidden', forbidden(route.access, found.identity));
  }
  request.identity = found.identity;
  guards.used.note(found.identity, Date.now());
  return undefined;
}

/** A browser sends the cookie with every request: an Authorization header was put there. */
function whoCalls({ headers }: GuardedRequest, guards: Guards): Authenticated {
  const { authorization, cookie } = headers;
  if (isCustomerToken(authorization)) {
    return guards.tokens.read(authorization, guards.snapshots, Date.now());
  }
  if (authorization !== undefined || cookie === undefined) {
    return authenticate(authorization, guards.snapshots, Date.now());
  }
  return guards.sessions.read(cookie, guards.snapshots, Date.now());
}

/** A customer's token reads its own, and nothing else whatever its maker may do. */
function notOwn(
  { method, params }: GuardedRequest,
  { ofCustomer }: RouteDeclaration,
  customer: string,
): Problem | undefined {
  if (!ofCustomer || (method !== 'GET' && method !== 'HEAD')) return scopeMissing();
  const named = (params as { readonly customer?: string }).customer ?? customer;
  return named === customer ? undefined : notThisCustomer();
}

/** Whether a session's request that may change something comes from our own pages. */
function isMeant({ method, headers }: GuardedRequest, { session }: Identity): boolean {
  if (!session || method === 'GET' || method === 'HEAD') return true;
  return isOwnOrigin(headers) && isSameText(String(headers[CSRF_HEADER] ?? ''), session.csrf);
}

function mayUse({ key }: Identity, access: Exclude<RouteAccess, 'open'>): boolean {
  if (access === 'any') return true;
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
