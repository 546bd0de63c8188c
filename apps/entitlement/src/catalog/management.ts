import {
  hasScope,
  IDEMPOTENCY_KEY_HEADER,
  IDEMPOTENT_REPLAYED_HEADER,
  idempotencyKey,
  PROBLEMS,
  PROJECT_VERSION_HEADER,
  type Scope,
} from '@tallyward/contracts';
import { type Caller, callerOf, Problem, problemsFrom, validated } from '@tallyward/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Origin, Outcome } from '../storage/catalog/project-store';
import type { Refusal } from './decision';

export const problem = problemsFrom(PROBLEMS);

/** A request behind the caller guard. */
export type ManagementRequest = FastifyRequest & { caller?: Caller };

/** The caller, who must have the scope: the gateway has seen to it, and so does this service. */
export function callerWith(request: ManagementRequest, wanted: Scope): Caller {
  const caller = callerOf(request);
  if (hasScope(caller.scopes as Scope[], wanted)) return caller;
  throw problem('forbidden', { detail: `This takes a key with the scope ${wanted}.` });
}

export function operatorOf(request: ManagementRequest): Caller {
  const caller = callerOf(request);
  if (caller.operator) return caller;
  throw problem('forbidden', { detail: 'This takes the operator key.' });
}

/** Who makes the change, why, and whether its answer is to be remembered. */
export function originOf(request: ManagementRequest, reason: string | null = null): Origin {
  const { actor, keyId, project } = callerOf(request);
  const who = actor.includes(keyId) ? actor : `${actor} (${keyId})`;
  const given = request.headers[IDEMPOTENCY_KEY_HEADER];
  if (given === undefined || !['POST', 'PUT'].includes(request.method)) {
    return { actor: who, reason, request: null };
  }
  const key = validated(idempotencyKey, given, 'header');
  const path = request.url.split('?', 1)[0] ?? '';
  const { method, body } = request;
  return { actor: who, reason, request: { project, method, path, key, body } };
}

/** Answers what became of a change, with the version at which gateways know of it. */
export function replyWith(reply: FastifyReply, outcome: Outcome): unknown {
  if (outcome.kind === 'refused') return problemOf(outcome.refusal);
  void reply.header(PROJECT_VERSION_HEADER, outcome.answer.version);
  if (outcome.replayed) void reply.header(IDEMPOTENT_REPLAYED_HEADER, 'true');
  return outcome.answer.body;
}

export function problemOf({ code, detail, retryAfterSeconds, ...where }: Refusal): Problem {
  const { pointer } = where;
  const errors =
    where.errors ??
    (pointer === undefined ? undefined : [{ code: 'not-allowed', detail, pointer }]);
  return problem(code, {
    detail,
    ...(errors ? { errors: [...errors] } : {}),
    ...(retryAfterSeconds ? { headers: { 'retry-after': String(retryAfterSeconds) } } : {}),
  });
}

/** What there is, or the same 404 for what isn't there and for what is another project's. */
export function foundOr404<T>(found: T | null): T | Problem {
  return found ?? problem('not-found', { detail: 'This project has no such thing.' });
}

export function pageOr422<T>(found: T | null): T | Problem {
  const errors = [
    { code: 'invalid-cursor', detail: 'is not a cursor of this list', parameter: 'cursor' },
  ];
  return found ?? problem('invalid', { detail: 'The query has a fault.', errors });
}
