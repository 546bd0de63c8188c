import type { DecisionAnswer, DecisionRecorded } from '@tallyward/contracts';
import { instantText } from './answer';
import type { CallToDecide } from './decide-call';

/** An answer that people want to find again: all but a plain allow. */
export function isRecorded({ outcome, reason, overage }: DecisionAnswer): boolean {
  return outcome !== 'allow' || reason !== null || overage;
}

export function recordOf(
  { request, desk, call, number }: CallToDecide,
  { holdId, ...answer }: DecisionAnswer,
  gateway: string,
  decidedAtMs: number,
): DecisionRecorded {
  const { workspace, user, role } = call.scopes;
  return {
    ...answer,
    project: desk.project,
    customer: desk.customer,
    workspace,
    user,
    role,
    requestedModel: request.model,
    requestedGroup: call.modelGroup,
    estimate: request.estimate,
    decidedAt: instantText(decidedAtMs),
    gateway,
    hold: holdId === null ? null : number,
  };
}
