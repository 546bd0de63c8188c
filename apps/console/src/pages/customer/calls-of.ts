import type { CountedEvent, DecisionRecorded, EventsOf, LimitState } from '@tallyward/contracts';
import { EVERY_GROUP, HOLD_SOURCE, holdEventId } from '@tallyward/domain';
import { OUTCOME_WORDS } from '../../ui/words';

/** Which events a limit counts: of its group, its scope and its present window. */
export function eventsOf(limit: LimitState): EventsOf {
  const { modelGroup, scope, scopeValue, windowStart, resetAt } = limit;
  return {
    ...(modelGroup === EVERY_GROUP ? {} : { modelGroup }),
    ...(scope === 'customer' ? {} : { [scope]: scopeValue }),
    ...(windowStart === null ? {} : { from: windowStart }),
    ...(resetAt === null ? {} : { to: resetAt }),
  };
}

/** What was decided of a call before it was made, in words; `decisions`: all but plain allows. */
export function decisionWords(
  event: Pick<CountedEvent, 'source' | 'id'>,
  decisions: readonly DecisionRecorded[],
): string {
  if (event.source !== HOLD_SOURCE) return 'Reported without a decision';
  const decision = decisions.find(({ gateway, hold }) => {
    return hold !== null && holdEventId({ gateway, hold }) === event.id;
  });
  if (!decision) return OUTCOME_WORDS.allow;
  const { outcome, restrictedFrom } = decision;
  if (outcome === 'restrict') return `${OUTCOME_WORDS.restrict} from ${restrictedFrom ?? '?'}`;
  return decision.overage ? 'Allowed, as overage' : OUTCOME_WORDS[outcome];
}
