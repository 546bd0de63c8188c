import { TABLE_COLUMNS } from './columns';
import { quoted, type UsageEventsTable } from './usage-events.table';

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

const COLUMNS = TABLE_COLUMNS.map(({ name }) => quoted(name)).join(', ');
const SCHEMA = TABLE_COLUMNS.map(({ name, type }) => `${quoted(name)} ${type}`).join(', ');

/**
 * The statement (PROTOCOL 23): rows as JSON lines behind it, and only those whose place is not in
 * the table yet. They are data to ClickHouse, read as they come: as a literal of the statement they
 * cost more than twice as much. The token alone forgets after REMEMBERED_INSERTS; the guard alone
 * is blind to an insert that runs at the same instant.
 */
export function insertStatement(
  table: UsageEventsTable,
  { partition, from, to }: InsertRange,
  rows: string,
): string {
  return `INSERT INTO ${table} (${COLUMNS})
SELECT ${COLUMNS}
FROM input($$${SCHEMA}$$)
WHERE (\`partition\`, \`offset\`) NOT IN (
  SELECT \`partition\`, \`offset\` FROM ${table}
  WHERE \`partition\` = ${partition} AND \`offset\` BETWEEN ${from} AND ${to - 1n})
FORMAT JSONEachRow
${rows}`;
}
