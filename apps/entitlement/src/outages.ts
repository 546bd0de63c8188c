import {
  dependencyProblem,
  isLockTimeout,
  isStatementTimeout,
  platformProblem,
  type Problem,
} from '@tallyward/platform';
import { DeadlinePassed } from './storage/bounded';
import { TooManyChanges } from './storage/catalog/turns';

const RETRY = { 'retry-after': '1' };

/** What an error that reached the edge tells the client: what is away, and what to do. */
export function outageProblem(error: unknown): Problem | undefined {
  if (error instanceof TooManyChanges) {
    const detail = 'Too many changes are waiting; nothing was changed. Send it again.';
    return platformProblem('overloaded', { detail, headers: RETRY });
  }
  if (error instanceof DeadlinePassed || isStatementTimeout(error) || isLockTimeout(error)) {
    const detail =
      'The store did not answer in time, and a change may or may not have been made: with the ' +
      'same Idempotency-Key it is safe to send it again.';
    return platformProblem('service-unavailable', { detail, headers: RETRY });
  }
  return dependencyProblem(error);
}
