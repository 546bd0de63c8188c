import type { RouteAccess } from '@tallyward/contracts';
import type { Problem } from '@tallyward/platform';
import { gatewayProblem } from '../gateway-problem';
import type { Authenticated, Identity } from './authenticate';

type Why = Extract<Authenticated, { kind: 'unknown' }>['why'];

const WHAT_TO_DO: Record<Why, string> = {
  missing: 'Send an API key: Authorization: Bearer tw_<keyId>_<secret>.',
  malformed: 'The Authorization header holds no API key; it reads Bearer tw_<keyId>_<secret>.',
  refused: 'The API key is unknown, revoked or expired; an admin key makes a new one.',
};

export function unauthenticated(why: Why): Problem {
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

export function starting(): Problem {
  return gatewayProblem('service-unavailable', {
    detail: 'This gateway has not yet read who may call; try again.',
    headers: { 'retry-after': '1' },
  });
}
