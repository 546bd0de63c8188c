import { CSRF_HEADER, type RouteAccess } from '@tallyward/contracts';
import type { Problem } from '@tallyward/platform';
import { gatewayProblem } from '../gateway-problem';
import type { Identity, WhyUnknown } from './authenticate';

const WHAT_TO_DO: Record<WhyUnknown, string> = {
  missing: 'Send an API key: Authorization: Bearer tw_<keyId>_<secret>.',
  malformed: 'The Authorization header holds no API key; it reads Bearer tw_<keyId>_<secret>.',
  refused: 'The API key is unknown, revoked or expired; an admin key makes a new one.',
  'token-over': 'The token is over, or the key that made it was revoked; ask for a new one.',
  'session-over': 'The session is over, or its key was revoked; sign in again.',
};

export function unauthenticated(why: WhyUnknown): Problem {
  const challenge = why === 'missing' ? '' : ', error="invalid_token"';
  return gatewayProblem('unauthenticated', {
    detail: WHAT_TO_DO[why],
    headers: { 'www-authenticate': `Bearer realm="tallyward"${challenge}` },
  });
}

export function forbidden(wanted: RouteAccess, { key }: Identity): Problem {
  const detail =
    wanted === 'operator'
      ? 'Only the operator key may do this.'
      : `This takes a key with the scope ${wanted}; yours has ${key.scopes.join(', ')}.`;
  return gatewayProblem('forbidden', {
    detail,
    headers: { 'www-authenticate': 'Bearer realm="tallyward", error="insufficient_scope"' },
  });
}

export function scopeMissing(): Problem {
  return gatewayProblem('scope-missing', {
    detail: "A customer's token reads its own customer, usage, limits and decisions.",
  });
}

export function notThisCustomer(): Problem {
  return gatewayProblem('not-this-customer', { detail: 'The token reads its own customer alone.' });
}

export function csrfFailed(): Problem {
  return gatewayProblem('csrf-failed', {
    detail:
      `A session's request comes from a page of this host, and says in ${CSRF_HEADER} the csrf ` +
      'that GET /v1/session answers.',
  });
}

export function starting(): Problem {
  return gatewayProblem('service-unavailable', {
    detail: 'This gateway has not yet read who may call; try again.',
    headers: { 'retry-after': '1' },
  });
}
