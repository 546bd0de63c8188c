import { QUARTER_MS } from '@tallyward/domain';
import {
  FIRST_COLUMNS,
  NO_VOID,
  QUARTER_COLUMN,
  QUARTER_TYPE,
  UNIT_SUMS,
  VOID_COLUMNS,
  type WarehouseColumn,
} from './columns';

/**
 * One row per event that was counted, and one below zero for each that was taken back. Written by
 * load-warehouse alone. Sums are right as they come; who lists events asks `isLeft` of each.
 */
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
 * The base table as it was made first. A projection is written with its part, so sums and rows
 * can't differ (PROTOCOL 24); the token and the guard of the insert keep a row from landing twice
 * (PROTOCOL 23), the guard finding its rows by the range of offsets in each granule.
 */
export function createUsageEvents(table: UsageEventsTable): string {
  return `CREATE TABLE IF NOT EXISTS ${table} (
${FIRST_COLUMNS.map(declaration).join(',\n')},
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
  return [findByPlace(table), ...takeVoids(table)];
}

export function findByPlace(table: UsageEventsTable): string {
  return `ALTER TABLE ${table} ADD PROJECTION IF NOT EXISTS by_place
      (SELECT \`partition\`, \`offset\` ORDER BY \`partition\`, \`offset\`)`;
}

/**
 * Room for rows below zero: what sums the units is made anew around their wider type. The few rows
 * that take something back are found by the range of `voids` in each granule.
 */
export function takeVoids(table: UsageEventsTable): string[] {
  const sums = [projection('per_quarter', COARSE), projection('per_quarter_and_label', FINE)];
  const names = ['per_quarter', 'per_quarter_and_label'];
  return [
    ...names.map((name) => `ALTER TABLE ${table} DROP PROJECTION IF EXISTS ${name}`),
    `ALTER TABLE ${table} ${UNIT_SUMS.map(wider).join(', ')}`,
    ...VOID_COLUMNS.map((column) => {
      return `ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS ${declaration(column).trim()}`;
    }),
    `ALTER TABLE ${table} ADD INDEX IF NOT EXISTS voids_range voids TYPE minmax GRANULARITY 1`,
    ...sums.map((sum) => `ALTER TABLE ${table} ADD ${sum}`),
    `ALTER TABLE ${table} MATERIALIZE INDEX voids_range`,
    ...names.map((name) => `ALTER TABLE ${table} MATERIALIZE PROJECTION ${name}`),
  ];
}

const wider = ({ name, type }: WarehouseColumn): string => `MODIFY COLUMN ${name} ${type}`;

/**
 * Whether a row of the table under this alias is an event that counts, of those that `among` lets
 * through (an alias `v`): what was taken back is found by its place.
 */
export function isLeft(alias: string, among = 'true'): string {
  return `${alias}.voids = ${NO_VOID} AND (${alias}.\`partition\`, ${alias}.\`offset\`) NOT IN (
  SELECT v.\`partition\`, toUInt64(v.voids) FROM ${USAGE_EVENTS} AS v
  WHERE v.voids > ${NO_VOID} AND ${among})`;
}

export function declaration({ name, type, comment, ...more }: WarehouseColumn): string {
  const otherwise = more.default === undefined ? '' : ` DEFAULT ${more.default}`;
  return `  ${quoted(name)} ${type}${otherwise} COMMENT '${comment.replaceAll("'", "\\'")}'`;
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
