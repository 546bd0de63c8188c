import type { Refusal, Refused } from '../../catalog/decision';
import type { Claim } from '../idempotency/idempotency';

/** Refused where something of the change is written already: it all goes back. */
export class RefusedInside extends Error {
  override readonly name = 'RefusedInside';

  constructor(readonly refused: Refused) {
    super(refused.refusal.detail);
  }
}

export const UNKNOWN_PROJECT: Refused = {
  kind: 'refused',
  refusal: { code: 'not-found', detail: 'There is no such project.' },
};

export const TOO_LARGE: Refused = {
  kind: 'refused',
  refusal: {
    code: 'conflict',
    detail:
      'The project would grow too large to be sent to the gateways: delete keys that nobody ' +
      'uses, or give models and groups shorter names.',
  },
};

export const TOO_LONG_A_STORY: Refused = {
  kind: 'refused',
  refusal: {
    code: 'invalid',
    detail:
      'What this would write into the audit trail, or tell the gateways, is too large for one ' +
      'entry of the log: change less at a time, such as some of the limits by name, or shorten ' +
      'the texts.',
  },
};

/** Seconds after which a request that is still being carried out is worth sending again. */
export const IN_PROGRESS_RETRY_SECONDS = 2;

const CLAIM_REFUSALS: Record<Exclude<Claim['kind'], 'first' | 'replay'>, Refusal> = {
  'other-body': {
    code: 'idempotency-key-reused',
    detail: 'This Idempotency-Key was used here with another body in the last 24 hours.',
  },
  'in-progress': {
    code: 'conflict',
    detail: 'The same request is being carried out right now: send it again in a moment.',
    retryAfterSeconds: IN_PROGRESS_RETRY_SECONDS,
  },
  unreadable: {
    code: 'conflict',
    detail:
      'This request was carried out before, but its answer can not be shown again: ' +
      'read the present state, and use a new Idempotency-Key for a new change.',
  },
};

export function claimRefusal(kind: keyof typeof CLAIM_REFUSALS): Refused {
  return { kind: 'refused', refusal: CLAIM_REFUSALS[kind] };
}
