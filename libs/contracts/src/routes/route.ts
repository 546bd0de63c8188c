import { z } from 'zod';
import { IDEMPOTENCY_KEY_HEADER, idempotencyKey, type Scope } from '../catalogue';
import type { ProblemCode } from '../problems';

/** Who answers a route; the gateway passes those of the other two on. */
export type RouteOwner = 'gateway' | 'entitlement' | 'aggregator';

/**
 * What a key must be allowed to do; `operator`: only the operator key; `any`: any credential, also
 * a customer's token; `open`: no key at all.
 */
export type RouteAccess = Scope | 'operator' | 'any' | 'open';

/** One media type of a body, with an example that the schema takes. */
export interface BodyContent {
  readonly schema: z.ZodType;
  readonly example?: unknown;
}

export interface RouteAnswer {
  readonly status: 200 | 201 | 202 | 204;
  readonly description: string;
  /** By media type; none for 204. */
  readonly contents: Readonly<Record<string, BodyContent>>;
}

/** One public route: the router, the pass-through and the OpenAPI document all come from this. */
export interface RouteDeclaration {
  /** The OpenAPI operationId. */
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** As OpenAPI writes it: `/v1/customers/{customer}/usage`. */
  readonly path: string;
  readonly owner: RouteOwner;
  readonly access: RouteAccess;
  /** Whether a customer's token may read it too, of its own customer alone. */
  readonly ofCustomer?: true;
  readonly summary: string;
  readonly description?: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  /** Request headers beside Authorization. */
  readonly headers?: z.ZodObject;
  readonly body?: Readonly<Record<string, BodyContent>>;
  readonly answer: RouteAnswer;
  /** Beside those that any route of its kind may answer with. */
  readonly problems: readonly ProblemCode[];
}

/** The part of `path` that a router takes: `{customer}` as `:customer`. */
export function routerPath(path: string): string {
  return path.replaceAll(/\{([a-zA-Z]+)\}/g, ':$1');
}

/** Every problem a route may answer with: its own, and those of its kind. */
export function problemsOf(route: RouteDeclaration): ProblemCode[] {
  const codes = new Set<ProblemCode>(route.problems);
  if (route.access !== 'open') {
    codes.add('unauthenticated').add('forbidden').add('overloaded').add('service-unavailable');
  }
  if (route.ofCustomer) codes.add('not-this-customer');
  if (route.access !== 'open') codes.add('scope-missing');
  if (route.body) {
    codes.add('bad-request').add('body-too-large').add('unsupported-media-type').add('invalid');
  }
  if (route.headers && IDEMPOTENCY_KEY_HEADER in route.headers.shape) {
    codes.add('conflict').add('idempotency-key-reused').add('invalid');
  }
  if (route.query) codes.add('invalid');
  if (route.params) codes.add('bad-request').add('invalid');
  return [...codes.add('internal-error')];
}

/** Headers of what is kept 24 h: the same key and body answer as the first time did. */
export const once = z.object({ [IDEMPOTENCY_KEY_HEADER]: idempotencyKey.optional() });

/** A body of plain JSON. */
export function json(schema: z.ZodType, example?: unknown): Record<string, BodyContent> {
  return { 'application/json': { schema, ...(example === undefined ? {} : { example }) } };
}
