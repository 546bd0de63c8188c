import { isClickHouseLoss } from '../clickhouse/errors';
import { isConnectionLoss } from '../postgres/errors';
import { type Problem, platformProblem } from './problem';

/** A store that went away in mid-request is 503, not our own failure. */
export function dependencyProblem(error: unknown): Problem | undefined {
  if (!isConnectionLoss(error) && !isClickHouseLoss(error)) return undefined;
  return platformProblem('service-unavailable', {
    detail: 'A store is away; try again.',
    headers: { 'retry-after': '1' },
  });
}
