import type { WarehouseColumn } from './columns';
import { declaration, quoted, REMEMBERED_INSERTS } from './usage-events.table';
import { createView } from './views';

/** One row per billing record. Written by load-records alone. */
export const BILLING_RECORDS = 'billing_records';
export const BILLING_RECORDS_VIEW = 'billing_records_v1';
/** One row per line of a bill, as its latest revision says it. */
export const BILLING_LINES_VIEW = 'billing_lines_v1';

const column =
  (type: string) =>
  (name: string, comment: string): WarehouseColumn => ({ name, type, comment });
const text = column('String');
const label = column('LowCardinality(String)');
const number = column('UInt32');
const count = column('UInt64');
const change = column('Int64');
const instant = column("DateTime64(3, 'UTC')");

/** In the contract's order; public, all of them. */
export const BILLING_RECORD_COLUMNS: readonly WarehouseColumn[] = [
  text('project', 'The project (tenant) that the usage belongs to'),
  text('customer', 'The customer whose usage it is'),
  text('record_id', "The record's id: it follows from the line and its revision"),
  number('revision', 'Which revision of its line; 0 is the first'),
  label('tier', 'The usage tier that was in force when the events happened'),
  number('tier_version', 'The version of the tier'),
  instant('period_from', 'Start of the closed period (UTC)'),
  instant('period_to', 'End of the closed period (UTC); itself outside'),
  label('time_zone', 'The time zone whose calendar the period follows'),
  label('model_group', "The model's group when the events were accepted"),
  label('model', 'The model that was called'),
  label('unit', 'What is counted, such as calls, tokens or inputTokens'),
  count('quantity', 'All that counts of the line: included and overage'),
  count('included', 'What of it the limits of the tier gave'),
  count('overage', 'What of it passed the amount of a limit that lets calls pass'),
  change('delta', 'The quantity less that of the revision before'),
  change('included_delta', 'The included part less that of the revision before'),
  change('overage_delta', 'The overage less that of the revision before'),
  count('events', 'How many events the line is made of'),
  text('proof', 'The proof of those events: 32 hexadecimal digits'),
  instant('closed_at', 'When this revision was made (UTC)'),
  column('UInt16')('partition', 'The partition of billing.records.v1 that holds the record'),
  count('offset', "The record's offset in its partition"),
];

const columns = BILLING_RECORD_COLUMNS.map(declaration).join(',\n');

const CREATE_TABLE = `CREATE TABLE IF NOT EXISTS ${BILLING_RECORDS} (
${columns},
  INDEX offset_range offset TYPE minmax GRANULARITY 1,
  PROJECTION by_place (SELECT \`partition\`, \`offset\` ORDER BY \`partition\`, \`offset\`)
) ENGINE = MergeTree
PARTITION BY toYYYYMM(period_from)
ORDER BY (project, customer, period_from, partition, offset)
SETTINGS non_replicated_deduplication_window = ${REMEMBERED_INSERTS}`;

const RECORDS_VIEW = `${createView(BILLING_RECORDS_VIEW, BILLING_RECORD_COLUMNS)}
AS SELECT ${BILLING_RECORD_COLUMNS.map(({ name }) => quoted(name)).join(', ')}
FROM ${BILLING_RECORDS}`;

/** What a line is about; everything else is what a revision says of it. */
const LINE_KEYS = [
  'project',
  'customer',
  'tier',
  'tier_version',
  'period_from',
  'period_to',
  'model_group',
  'model',
  'unit',
];
/** Of one record, and not of its line. */
const OF_A_RECORD = ['delta', 'included_delta', 'overage_delta', 'partition', 'offset'];

export const BILLING_LINE_COLUMNS = BILLING_RECORD_COLUMNS.filter(
  ({ name }) => !OF_A_RECORD.includes(name),
);

/** Revisions may come in any order: every column is that of the one row with the latest. */
const LINES_VIEW = `${createView(BILLING_LINES_VIEW, BILLING_LINE_COLUMNS)}
AS SELECT ${BILLING_LINE_COLUMNS.map(ofLine).join(', ')}
FROM ${BILLING_RECORDS} AS r GROUP BY ${LINE_KEYS.map(quoted).join(', ')}`;

/** The aggregate has its column's name: the table is aliased so that it takes the column. */
function ofLine({ name }: WarehouseColumn): string {
  if (LINE_KEYS.includes(name)) return quoted(name);
  return `argMax(r.${quoted(name)}, (r.revision, r.offset)) AS ${quoted(name)}`;
}

/** The table and its public views. */
export const createBillingRecords = (): string[] => [CREATE_TABLE, RECORDS_VIEW, LINES_VIEW];
