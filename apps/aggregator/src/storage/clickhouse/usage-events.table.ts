import { QUARTER_MS } from '@tallyward/domain';
import {
  QUARTER_COLUMN,
  QUARTER_TYPE,
  TABLE_COLUMNS,
  UNIT_SUMS,
  type WarehouseColumn,
} from './columns';

/** One row per event that counts. Written by load-warehouse alone; read it with `FROM`. */
export const USAGE_EVENTS = 'usage_events';
/** Where a rebuild folds the log again, until it is swapped for the other one. */
export const USAGE_EVENTS_NEXT = 'usage_events_next';
export type UsageEventsTable = typeof USAGE_EVENTS | typeof USAGE_EVENTS_NEXT;

/** How many inserts ClickHouse remembers by token; the guard holds beyond them. */
export const REMEMBERED_INSERTS = 1_000;

/** The coarse projection answers most reports from one row per customer, model and quarter. */
const COARSE = ['project', 'customer', QUARTER_COLUMN, 'model', 'model_group'];
const FINE = [...COARSE, 'workspace', 'user', 'role', 'source'];

/**
 * The base table. A projection is written with its part, so sums and rows can't differ (PROTOCOL
 * 24); the token and the guard of the insert keep a row from landing twice (PROTOCOL 23), the guard
 * finding its rows by the range of offsets in each granule.
 */
export function createUsageEvents(table: UsageEventsTable): string {
  return `CREATE TABLE IF NOT EXISTS ${table} (
${TABLE_COLUMNS.map(declaration).join(',\n')},
  ${QUARTER_COLUMN} ${QUARTER_TYPE} MATERIALIZED ${quarterOfTime()} COMMENT 'Quarter of an hour',
  INDEX offset_range offset TYPE minmax GRANULARITY 1,
  ${projection('per_quarter', COARSE)},
  ${projection('per_quarter_and_label', FINE)}
) ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (project, customer, time, partition, offset)
SETTINGS non_replicated_deduplication_window = ${REMEMBERED_INSERTS}`;
}

/**
 * What was added since, in order: `ADD … IF NOT EXISTS`, and for rows that are there already where
 * it must hold for them too. The guard of an insert finds its range by place, however many
 * customers share a granule.
 */
export function alterUsageEvents(table: UsageEventsTable): string[] {
  return [
    `ALTER TABLE ${table} ADD PROJECTION IF NOT EXISTS by_place
      (SELECT \`partition\`, \`offset\` ORDER BY \`partition\`, \`offset\`)`,
  ];
}

export function declaration({ name, type, comment }: WarehouseColumn): string {
  return `  ${quoted(name)} ${type} COMMENT '${comment.replaceAll("'", "\\'")}'`;
}

function quarterOfTime(): string {
  const quarter = `intDiv(toUnixTimestamp64Milli(time), ${QUARTER_MS}) * ${QUARTER_MS}`;
  return `fromUnixTimestamp64Milli(${quarter}, 'UTC')`;
}

function projection(name: string, keys: readonly string[]): string {
  const columns = keys.map(quoted).join(', ');
  const sums = UNIT_SUMS.map((unit) => `sum(${unit.name})`).join(', ');
  return `PROJECTION ${name} (SELECT ${columns}, ${sums} GROUP BY ${columns})`;
}

/** Names that are words of SQL elsewhere (`user`, `partition`, `offset`) are always quoted. */
export function quoted(name: string): string {
  return `\`${name}\``;
}
