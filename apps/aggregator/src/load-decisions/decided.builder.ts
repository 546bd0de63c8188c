import { DECISION_ENTRY_TYPE, TOPICS } from '@tallyward/contracts';
import type { DecisionRecorded, LimitState } from '@tallyward/contracts';
import { partitionKey } from '@tallyward/domain';
import type { Appender, Entry, Place } from '@tallyward/platform';
import { until } from '@tallyward/testing';
import type { FoldBed } from '../load-warehouse/fold-bed.builder';
import { ProgressStore } from '../storage/postgres';

const topic = TOPICS.quotaDecisions.name;
const LANDED_WITHIN_MS = 60_000;

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
export async function appendDecisions(appender: Appender, entries: Entry[]): Promise<Place[]> {
  const outcomes = await appender.append(topic, entries);
  return outcomes.map((outcome) => {
    if (outcome.kind !== 'acked') throw new Error(`append: ${JSON.stringify(outcome)}`);
    return outcome.place;
  });
}

/** Waits until the warehouse has the decision log as it ends now. */
export async function decisionsLanded({ log, postgres }: FoldBed): Promise<void> {
  const store = new ProgressStore(postgres);
  const ends = await log.admin.endOffsets(topic);
  await until(
    async () =>
      (await store.progress('decisions')).every(
        ({ partition, landed }) => landed >= (ends.get(partition) ?? 0n),
      ),
    { what: 'the warehouse to have the decision log', withinMs: LANDED_WITHIN_MS },
  );
}

export type ViewRow = Readonly<Record<string, unknown>>;

/** What anybody reads by SQL, by place in the log. */
export async function decisionsView({ clickhouse }: FoldBed): Promise<ViewRow[]> {
  const answer = await clickhouse.query({
    query: 'SELECT * FROM decisions_v1 AS d ORDER BY d.partition, d.offset',
    format: 'JSONEachRow',
    clickhouse_settings: { date_time_output_format: 'iso' },
  });
  return answer.json<ViewRow>();
}
