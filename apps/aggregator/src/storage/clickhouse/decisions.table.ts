import type { WarehouseColumn } from './columns';
import { declaration, quoted, REMEMBERED_INSERTS } from './usage-events.table';
import { createView } from './views';

/** One row per decision that was recorded. Written by load-decisions alone. */
export const DECISIONS = 'decisions';
export const DECISIONS_VIEW = 'decisions_v1';

const column =
  (type: string) =>
  (name: string, comment: string): WarehouseColumn => ({ name, type, comment });
const text = column('String');
const label = column('LowCardinality(String)');
const count = column('UInt64');
const instant = column("DateTime64(3, 'UTC')");
const instantOrNull = column("Nullable(DateTime64(3, 'UTC'))");

/** In the contract's order; public, all of them. */
export const DECISION_COLUMNS: readonly WarehouseColumn[] = [
  text('project', 'The project (tenant) that the API key belongs to'),
  text('customer', 'The customer who was decided for'),
  text('workspace', "The customer's workspace; empty where the call named none"),
  text('user', "The customer's user; empty where the call named none"),
  text('role', "The user's role; empty where the call named none"),
  text('decision_id', "The decision's id, as it was answered"),
  instant('decided_at', "When it was decided, by the gateway's clock (UTC)"),
  label('outcome', 'What the app was told: allow (with overage), restrict, throttle or block'),
  label('reason', 'Why; empty where there is none'),
  label('requested_model', 'The model that was asked for'),
  label('requested_group', 'The group of the model that was asked for'),
  label('model', 'The model to call'),
  label('model_group', 'The group of the model to call'),
  label('restricted_from', 'The group that the call was rerouted from; empty where it was not'),
  column('Bool')('overage', 'The call passed a limit that lets calls pass, and is counted'),
  text('message', "The tier's own message; empty where it has none"),
  instantOrNull('retry_at', 'When it may be asked again; null: never by itself'),
  label('tier', "The customer's usage tier; empty where none was known"),
  column('UInt32')('tier_version', 'The version of the tier; 0 where none was known'),
  count('estimated_input_tokens', 'Input tokens that the call expected'),
  count('estimated_max_output_tokens', 'The most output tokens that the call expected'),
  count('estimated_images', 'Images that the call expected'),
  count('estimated_tool_calls', 'Tool calls that the call expected'),
  text('gateway', 'The gateway process that decided'),
  column('Nullable(UInt64)')('hold', "The hold's number at its gateway; null: nothing is held"),
  instantOrNull('expires_at', 'When the hold expires; null: nothing is held'),
  instant('as_of', 'As of when the numbers of the limits were known (UTC)'),
  label('limit_scope', 'Scope of the limit that stood in the way; empty where none did'),
  text('limit_scope_value', 'Whose limit it was'),
  label('limit_model_group', 'The model group that it counts'),
  label('limit_unit', 'What it counts'),
  label('limit_window', 'The span it counts over; firstUse:PT5H opens with the first use'),
  count('limit_amount', 'What it gives in its window, with what was replenished'),
  count('limit_used', 'What was used and settled'),
  count('limit_held', 'What calls in flight held'),
  count('limit_remaining', 'What was left: amount less used less held, at least 0'),
  count('limit_overrun', 'What passed it though it lets nothing pass'),
  text('limits', 'Every limit that was looked at, as JSON, in the form of the HTTP answer'),
  column('UInt16')('partition', 'The partition of quota.decisions.v1 that holds the decision'),
  count('offset', "The decision's offset in its partition"),
];

const columns = DECISION_COLUMNS.map(declaration).join(',\n');

/**
 * In order of time within a project: the list of decisions is read backwards from its end, and a
 * customer's own are found by the filter in each granule.
 */
const CREATE_TABLE = `CREATE TABLE IF NOT EXISTS ${DECISIONS} (
${columns},
  INDEX offset_range offset TYPE minmax GRANULARITY 1,
  INDEX of_customer customer TYPE bloom_filter(0.01) GRANULARITY 1,
  PROJECTION by_place (SELECT \`partition\`, \`offset\` ORDER BY \`partition\`, \`offset\`)
) ENGINE = MergeTree
PARTITION BY toYYYYMM(decided_at)
ORDER BY (project, decided_at, partition, offset)
SETTINGS non_replicated_deduplication_window = ${REMEMBERED_INSERTS}`;

const viewOf = (columns: readonly WarehouseColumn[]): string =>
  `${createView(DECISIONS_VIEW, columns)}
AS SELECT ${columns.map(({ name }) => quoted(name)).join(', ')} FROM ${DECISIONS}`;

/** The table and its public view. */
export const createDecisions = (): string[] => [CREATE_TABLE, viewOf(DECISION_COLUMNS)];

/** What columns hold, where it was told wrongly as they were made. */
const RETOLD: Readonly<Record<string, string>> = {
  message: 'What people are told, by the tier or else by Tallyward; empty where nothing is',
  limit_scope: 'Scope of the limit that stood in the way, or that was passed; empty where none',
};

/** Tells it anew, in the table and in its view. */
export const retellDecisions = (): string[] => [
  ...Object.entries(RETOLD).map(
    ([name, comment]) => `ALTER TABLE ${DECISIONS} COMMENT COLUMN ${quoted(name)} '${comment}'`,
  ),
  viewOf(DECISION_COLUMNS.map((one) => ({ ...one, comment: RETOLD[one.name] ?? one.comment }))),
];
