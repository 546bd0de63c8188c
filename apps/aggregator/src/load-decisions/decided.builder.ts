import { DECISION_ENTRY_TYPE } from '@tallyward/contracts';
import type { DecisionRecorded, LimitState } from '@tallyward/contracts';
import { partitionKey } from '@tallyward/domain';
import type { Appender, Entry, Place } from '@tallyward/platform';
import {
  appendedTo,
  landed,
  viewRows,
  type FoldBed,
  type ViewRow,
} from '../load-warehouse/fold-bed.builder';
import { DECISION_LOG } from './decision-row';

export function limitState(given: Partial<LimitState> = {}): LimitState {
  return {
    scope: 'customer',
    scopeValue: 'acme',
    modelGroup: 'premium',
    unit: 'tokens',
    window: 'month',
    amount: 100_000,
    used: 99_000,
    held: 600,
    remaining: 400,
    overage: 0,
    overrun: 0,
    windowStart: '2026-11-01T00:00:00.000Z',
    resetAt: '2026-12-01T00:00:00.000Z',
    timeZone: 'UTC',
    onLimit: 'block',
    exceeded: true,
    ...given,
  };
}

let made = 0;

/** The fact `decision.recorded`: a block, plain where nothing is given. */
export function decided(given: Partial<DecisionRecorded> = {}): DecisionRecorded {
  const decidedAt = given.decidedAt ?? new Date(Date.now() - 1_000).toISOString();
  return {
    decisionId: `decision-${++made}`,
    outcome: 'block',
    reason: 'used-up',
    expiresAt: null,
    model: 'gpt-4o',
    modelGroup: 'premium',
    restrictedFrom: null,
    overage: false,
    message: null,
    retryAt: '2026-12-01T00:00:00.000Z',
    tier: { name: 'Free Trial', version: 1 },
    asOf: decidedAt,
    limits: [limitState()],
    project: 'demo',
    customer: 'acme',
    workspace: '',
    user: '',
    role: '',
    requestedModel: 'gpt-4o',
    requestedGroup: 'premium',
    estimate: { inputTokens: 400, maxOutputTokens: 100, images: 0, toolCalls: 0 },
    decidedAt,
    gateway: 'gateway-1.abc',
    hold: null,
    ...given,
  };
}

export function decisionEntryOf(decision: DecisionRecorded): Entry {
  return {
    key: partitionKey(decision.project, decision.customer),
    value: JSON.stringify(decision),
    headers: { ce_type: DECISION_ENTRY_TYPE },
  };
}

/** Appends to the decision log; an append that isn't acked fails the spec. */
export const appendDecisions = (appender: Appender, entries: Entry[]): Promise<Place[]> =>
  appendedTo(DECISION_LOG.topic, appender, entries);

/** Waits until the warehouse has the decision log as it ends now. */
export const decisionsLanded = (bed: FoldBed): Promise<void> => landed(bed, DECISION_LOG);

/** What anybody reads by SQL, by place in the log. */
export const decisionsView = (bed: FoldBed): Promise<ViewRow[]> =>
  viewRows(bed, 'decisions_v1', 'v.partition, v.offset');
