import {
  decisionRecorded,
  type DecisionReason,
  type DecisionRecorded,
  type LimitState,
  type Outcome,
} from '@tallyward/contracts';

const ms = (column: string): string => `toString(toUnixTimestamp64Milli(d.${column}))`;

/** Instants as epoch ms and 64-bit numbers as digits, whatever the server's zone. */
export const DECISION_ROW = [
  ...['project', 'customer', 'workspace', '`user`', 'role', 'decision_id', 'outcome', 'reason'],
  ...['requested_model', 'requested_group', 'model', 'model_group', 'restricted_from', 'overage'],
  ...['message', 'tier', 'tier_version', 'gateway', 'hold', 'limits'],
  ...['estimated_input_tokens', 'estimated_max_output_tokens'],
  ...['estimated_images', 'estimated_tool_calls'],
  `${ms('decided_at')} AS at`,
  `${ms('retry_at')} AS retry`,
  `${ms('expires_at')} AS expires`,
  `${ms('as_of')} AS known`,
  'd.`partition` AS log_partition',
  'toString(d.`offset`) AS place',
].join(', ');

type Digits = string | number;

export interface DecisionRow {
  readonly project: string;
  readonly customer: string;
  readonly workspace: string;
  readonly user: string;
  readonly role: string;
  readonly decision_id: string;
  readonly outcome: Outcome;
  readonly reason: DecisionReason | '';
  readonly requested_model: string;
  readonly requested_group: string;
  readonly model: string;
  readonly model_group: string;
  readonly restricted_from: string;
  readonly overage: boolean;
  readonly message: string;
  readonly tier: string;
  readonly tier_version: Digits;
  readonly gateway: string;
  readonly hold: Digits | null;
  readonly limits: string;
  readonly estimated_input_tokens: Digits;
  readonly estimated_max_output_tokens: Digits;
  readonly estimated_images: Digits;
  readonly estimated_tool_calls: Digits;
  readonly at: string;
  readonly retry: string | null;
  readonly expires: string | null;
  readonly known: string;
  readonly log_partition: Digits;
  readonly place: string;
}

const instant = (text: string): string => new Date(Number(text)).toISOString();
const instantOrNull = (text: string | null): string | null =>
  text === null ? null : instant(text);
const orNull = <T extends string>(text: T | ''): T | null => (text === '' ? null : text);

/** The decision as it was recorded. */
export function decisionOf(row: DecisionRow): DecisionRecorded {
  return {
    decisionId: row.decision_id,
    outcome: row.outcome,
    reason: orNull(row.reason),
    expiresAt: instantOrNull(row.expires),
    model: row.model,
    modelGroup: row.model_group,
    restrictedFrom: orNull(row.restricted_from),
    overage: row.overage,
    message: orNull(row.message),
    retryAt: instantOrNull(row.retry),
    tier: row.tier === '' ? null : { name: row.tier, version: Number(row.tier_version) },
    asOf: instant(row.known),
    limits: limitsOf(row.limits),
    project: row.project,
    customer: row.customer,
    workspace: row.workspace,
    user: row.user,
    role: row.role,
    requestedModel: row.requested_model,
    requestedGroup: row.requested_group,
    estimate: {
      inputTokens: Number(row.estimated_input_tokens),
      maxOutputTokens: Number(row.estimated_max_output_tokens),
      images: Number(row.estimated_images),
      toolCalls: Number(row.estimated_tool_calls),
    },
    decidedAt: instant(row.at),
    gateway: row.gateway,
    hold: row.hold === null ? null : Number(row.hold),
  };
}

/** What the fold wrote after it had read it in this shape. */
function limitsOf(text: string): LimitState[] {
  return decisionRecorded.shape.limits.parse(JSON.parse(text));
}
