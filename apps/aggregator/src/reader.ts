import { hasScope, type Scope } from '@tallyward/contracts';
import { callerOf, type Caller, type Problem } from '@tallyward/platform';
import type { FastifyRequest } from 'fastify';
import { problem } from './problem';

/** The caller, where its key may read: the gateway has looked, and the service looks again. */
export function reader(request: FastifyRequest): Caller {
  const caller = callerOf(request as { caller?: Caller });
  if (hasScope(caller.scopes as Scope[], 'read')) return caller;
  throw problem('forbidden', { detail: 'The key needs the scope read.' });
}

/** A cursor that no page has given. */
export function badCursor(): Problem {
  const detail = 'Take nextCursor of the page before, as it is.';
  return problem('invalid', { detail, errors: [{ parameter: 'cursor', code: 'invalid', detail }] });
}
