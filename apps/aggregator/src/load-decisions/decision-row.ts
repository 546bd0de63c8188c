import {
  readDecisionEntry,
  TOPICS,
  type DecisionRecorded,
  type LimitState,
} from '@tallyward/contracts';
import { homeOf, keyedRow, type LoadedLog } from '../load-warehouse/loaded-log';

/** The decision log: a decision a row. A gateway may append one twice; by its id it is one. */
export const DECISION_LOG: LoadedLog = {
  fold: 'decisions',
  topic: TOPICS.quotaDecisions.name,
  metrics: 'decisions',
  readRow: (raw) => {
    const read = readDecisionEntry(raw, homeOf);
    if (read.kind === 'park') return read;
    const { decision, decidedAt: time } = read;
    const { project, customer, decisionId: id } = decision;
    return keyedRow(raw, { project, customer, id, time }, decisionRow(decision));
  },
};

const epochMs = (text: string | null): number | null => (text === null ? null : Date.parse(text));

function decisionRow(decision: DecisionRecorded) {
  const { estimate, tier } = decision;
  return {
    project: decision.project,
    customer: decision.customer,
    workspace: decision.workspace,
    user: decision.user,
    role: decision.role,
    decision_id: decision.decisionId,
    decided_at: epochMs(decision.decidedAt),
    outcome: decision.outcome,
    reason: decision.reason ?? '',
    requested_model: decision.requestedModel,
    requested_group: decision.requestedGroup,
    model: decision.model,
    model_group: decision.modelGroup,
    restricted_from: decision.restrictedFrom ?? '',
    overage: decision.overage,
    message: decision.message ?? '',
    retry_at: epochMs(decision.retryAt),
    tier: tier?.name ?? '',
    tier_version: tier?.version ?? 0,
    estimated_input_tokens: estimate.inputTokens,
    estimated_max_output_tokens: estimate.maxOutputTokens,
    estimated_images: estimate.images,
    estimated_tool_calls: estimate.toolCalls,
    gateway: decision.gateway,
    hold: decision.hold,
    expires_at: epochMs(decision.expiresAt),
    as_of: epochMs(decision.asOf),
    ...limitColumns(limitTold(decision)),
    limits: JSON.stringify(decision.limits),
  };
}

/**
 * The limit that the answer is about: those in the way stand in the order in which they were met, a
 * reroute is told with the first of them, and what refused at last with the last. Of those that let
 * a call pass, the first that it passed.
 */
function limitTold({ outcome, limits }: DecisionRecorded): LimitState | undefined {
  const told = limits.filter(({ exceeded }) => exceeded);
  return outcome === 'restrict' || outcome === 'allow' ? told[0] : told.at(-1);
}

function limitColumns(limit: LimitState | undefined) {
  return {
    limit_scope: limit?.scope ?? '',
    limit_scope_value: limit?.scopeValue ?? '',
    limit_model_group: limit?.modelGroup ?? '',
    limit_unit: limit?.unit ?? '',
    limit_window: limit === undefined ? '' : windowText(limit.window),
    limit_amount: limit?.amount ?? 0,
    limit_used: limit?.used ?? 0,
    limit_held: limit?.held ?? 0,
    limit_remaining: limit?.remaining ?? 0,
    limit_overrun: limit?.overrun ?? 0,
  };
}

function windowText(window: LimitState['window']): string {
  return typeof window === 'string' ? window : `firstUse:${window.firstUse}`;
}
