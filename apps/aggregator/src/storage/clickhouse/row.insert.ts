import { BILLING_RECORD_COLUMNS, BILLING_RECORDS } from './billing-records.table';
import { TABLE_COLUMNS, type WarehouseColumn } from './columns';
import { DECISION_COLUMNS, DECISIONS } from './decisions.table';
import {
  quoted,
  USAGE_EVENTS,
  USAGE_EVENTS_NEXT,
  type UsageEventsTable,
} from './usage-events.table';

/** A table that a fold fills. */
export type WarehouseTable = UsageEventsTable | typeof DECISIONS | typeof BILLING_RECORDS;

/** The most bytes of rows in one insert; the loader cuts its batches below it. */
export const MAX_INSERT_BYTES = 16 * 1024 * 1024;

/** What lands with one insert: what counts of one partition, from `from` until before `to`. */
export interface InsertRange {
  readonly topicIdentity: string;
  readonly partition: number;
  readonly from: bigint;
  readonly to: bigint;
}

/**
 * The same range always has the same token and, formed from the log, the same bytes: ClickHouse
 * takes a repeated token for the same rows and drops it unread.
 */
export function insertToken({ topicIdentity, partition, from, to }: InsertRange): string {
  return `${topicIdentity}-${partition}-${from}-${to}`;
}

/**
 * One insert is one block and, in each month, one part: it lands whole or not at all there, and its
 * token stands for the whole. Settings that would cut it are pinned.
 */
export function insertSettings(range: InsertRange): Record<string, string | number> {
  return {
    insert_deduplicate: 1,
    insert_deduplication_token: insertToken(range),
    max_threads: 1,
    max_insert_threads: 1,
    max_block_size: '1000000',
    max_insert_block_size: '1000000',
    min_insert_block_size_rows: '1000000',
    min_insert_block_size_bytes: String(MAX_INSERT_BYTES * 64),
    max_partitions_per_insert_block: 0,
  };
}

const USAGE = listed(TABLE_COLUMNS);
const LISTED: Readonly<Record<WarehouseTable, ReturnType<typeof listed>>> = {
  [USAGE_EVENTS]: USAGE,
  [USAGE_EVENTS_NEXT]: USAGE,
  [DECISIONS]: listed(DECISION_COLUMNS),
  [BILLING_RECORDS]: listed(BILLING_RECORD_COLUMNS),
};

function listed(columns: readonly WarehouseColumn[]) {
  return {
    names: columns.map(({ name }) => quoted(name)).join(', '),
    schema: columns.map(({ name, type }) => `${quoted(name)} ${type}`).join(', '),
  };
}

/**
 * The statement (PROTOCOL 23): rows as JSON lines behind it, and only those whose place is not in
 * the table yet. They are data to ClickHouse, read as they come: as a literal of the statement they
 * cost more than twice as much. The token alone forgets after REMEMBERED_INSERTS; the guard alone
 * is blind to an insert that runs at the same instant.
 */
export function insertStatement(
  table: WarehouseTable,
  { partition, from, to }: InsertRange,
  rows: string,
): string {
  const { names, schema } = LISTED[table];
  return `INSERT INTO ${table} (${names})
SELECT ${names}
FROM input($$${schema}$$)
WHERE (\`partition\`, \`offset\`) NOT IN (
  SELECT \`partition\`, \`offset\` FROM ${table}
  WHERE \`partition\` = ${partition} AND \`offset\` BETWEEN ${from} AND ${to - 1n})
FORMAT JSONEachRow
${rows}`;
}
