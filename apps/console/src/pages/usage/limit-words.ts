import type { DecisionRecorded, LimitState } from '@tallyward/contracts';
import { fullNumber } from '../../ui/figures';
import { UNIT_WORDS } from '../../ui/unit-words';

/** What is left of a limit, as its customer reads it. */
export function leftWords({ amount, used, remaining, unit, overage }: LimitState): string {
  const of = `${fullNumber(amount)} ${UNIT_WORDS[unit]}`;
  if (amount === 0) return 'Not part of your plan';
  if (overage > 0) return `${fullNumber(overage)} ${UNIT_WORDS[unit]} beyond the ${of} included`;
  if (used >= amount) return `All ${of} used`;
  return `${fullNumber(remaining)} of ${of} left`;
}

const THEN_WORDS: Readonly<Record<LimitState['onLimit'], string>> = {
  allow: 'Then calls go on and count as overage.',
  block: 'Then calls are refused.',
  restrict: 'Then calls go to another model.',
  throttle: 'Then calls have to wait.',
};

/** What comes after the last unit. */
export const thenWords = ({ onLimit, amount }: LimitState): string =>
  amount === 0 ? '' : THEN_WORDS[onLimit];

/** Why a call was not simply served, as its customer reads it: operators are told otherwise. */
export function refusalWords(decision: DecisionRecorded): string {
  const { outcome, reason, message, requestedModel, model, requestedGroup } = decision;
  if (reason === 'unknown-model') return `${requestedModel} is not offered.`;
  if (reason === 'degraded') return 'The service could not decide at that moment.';
  if (message) return message;
  const what = `${requestedGroup} allowance`;
  if (outcome === 'restrict') return `The ${what} was used up: ${model} answered instead.`;
  if (outcome === 'allow') return `The ${what} was used up; the call went on as overage.`;
  if (reason === 'held') return 'Calls that were still running held what was left.';
  if (reason === 'rate') return `Too many calls at once for the ${what}.`;
  if (reason === 'per-request') return 'The call was larger than one call may be.';
  if (reason === 'disabled') return `${requestedModel} is not part of your plan.`;
  return `The ${what} was used up.`;
}
