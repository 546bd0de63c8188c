import {
  PROJECT_TIME_ZONE_HEADER,
  routerPath,
  ROUTES,
  type RouteOwner,
} from '@tallyward/contracts';
import {
  CALLER_HEADER,
  forward,
  type Problem,
  signCaller,
  streamBodies,
  type StreamedRoute,
} from '@tallyward/platform';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { identityOf } from '../access/guard-requests';
import type { Identity } from '../access/authenticate';
import type { ProjectSnapshots } from '../access/project-snapshots';
import { gatewayProblem } from '../gateway-problem';
import { awaitOwnWrite } from './own-writes';

type Behind = Exclude<RouteOwner, 'gateway'>;

export interface PassThrough {
  /** Where the services behind listen, as `http://127.0.0.1:8081`. */
  readonly addresses: Readonly<Record<Behind, string>>;
  /** Signs who calls, for the services behind. */
  readonly secret: string;
  readonly snapshots: ProjectSnapshots;
}

/** Files of rows, whose length nobody knows before their end. */
const EXPORTS = '/v1/exports/';

/** Passes every route of the table that a service behind owns on to it, both ways as streams. */
export function passThrough(fastify: FastifyInstance, to: PassThrough): void {
  const routes = ROUTES.flatMap(({ owner, method, path }): StreamedRoute[] => {
    if (owner === 'gateway') return [];
    const isExport = path.startsWith(EXPORTS);
    const handle: StreamedRoute['handle'] = async (request, reply) =>
      (isExport ? endUnseen(request) : undefined) ?? pass(owner, to, request, reply);
    return [{ method, url: routerPath(path), handle }];
  });
  streamBodies(fastify, routes);
}

/**
 * HTTP/1.0 ends such an answer by closing the connection, as a crash does: whoever reads it would
 * take a part for the whole.
 */
function endUnseen({ raw }: FastifyRequest): Problem | undefined {
  if (raw.httpVersion !== '1.0') return undefined;
  const detail =
    'An export wants HTTP/1.1 or later: over HTTP/1.0 a part of it looks like the whole. ' +
    'Reverse proxies may have to be told so (nginx: proxy_http_version 1.1).';
  return gatewayProblem('bad-request', { detail });
}

async function pass(
  owner: Behind,
  to: PassThrough,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Problem | void> {
  if (!isPlainPath(request.raw.url ?? '')) {
    const detail = 'The address is not in its plain form: encode what stands in a path.';
    return gatewayProblem('bad-request', { detail });
  }
  const identity = identityOf(request);
  const caller = signCaller(callerOf(identity), to.secret);
  return forward(request, reply, {
    baseUrl: to.addresses[owner],
    name: owner,
    headers: {
      [CALLER_HEADER]: caller,
      // A report's default, from the snapshot that shows this gateway's own writes.
      [PROJECT_TIME_ZONE_HEADER]: identity.project.timeZone,
    },
    beforeAnswer: (_status, headers) => awaitOwnWrite(headers, to.snapshots),
  });
}

/**
 * False where reading the path as an address would change it (`..`, also as %2e%2e, a backslash, an
 * absolute address): the service behind would then be asked something else than was admitted here.
 */
function isPlainPath(url: string): boolean {
  const [path = ''] = url.split('?', 1);
  if (!path.startsWith('/') || path.startsWith('//')) return false;
  return new URL(path, 'http://gateway').pathname === path;
}

function callerOf({ key, project, token }: Identity) {
  if (token) {
    const [{ customer }, { keyId, name: actor }] = [token, key];
    const scopes = ['read'];
    return { project: project.project, scopes, keyId, actor, operator: false, customer };
  }
  return {
    project: project.project,
    scopes: [...key.scopes],
    keyId: key.keyId,
    actor: key.name,
    operator: key.operator,
  };
}
