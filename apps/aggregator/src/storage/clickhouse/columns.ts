import { UNITS, type Unit } from '@tallyward/domain';

/** The column that sums each unit, in the table, the projections and the views. */
export const UNIT_COLUMNS: Readonly<Record<Unit, string>> = {
  calls: 'calls',
  tokens: 'tokens',
  inputTokens: 'input_tokens',
  outputTokens: 'output_tokens',
  cacheReadTokens: 'cache_read_tokens',
  cacheWriteTokens: 'cache_write_tokens',
  reasoningTokens: 'reasoning_tokens',
  images: 'images',
  toolCalls: 'tool_calls',
};

export interface WarehouseColumn {
  readonly name: string;
  readonly type: string;
  /** Of rows that were there before the column; else the type's own. */
  readonly default?: string;
  readonly comment: string;
}

const INSTANT = "DateTime64(3, 'UTC')";
const instant = (name: string, comment: string): WarehouseColumn => ({
  name,
  type: INSTANT,
  comment,
});
const text = (name: string, comment: string): WarehouseColumn => ({
  name,
  type: 'String',
  comment,
});
const name = (column: string, comment: string): WarehouseColumn => ({
  name: column,
  type: 'LowCardinality(String)',
  comment,
});

const UNIT_COMMENTS: Readonly<Record<Unit, string>> = {
  calls: 'Calls: one per event',
  tokens: 'Tokens: input and output, cached and reasoning tokens inside',
  inputTokens: 'Input tokens, cached ones inside',
  outputTokens: 'Output tokens, reasoning tokens inside',
  cacheReadTokens: 'Input tokens read from a cache',
  cacheWriteTokens: 'Input tokens written to a cache',
  reasoningTokens: 'Output tokens spent on reasoning',
  images: 'Images',
  toolCalls: 'Tool calls',
};

/** Who and what: the dimensions that every view shares, in the contract's order. */
export const DIMENSIONS: readonly WarehouseColumn[] = [
  text('project', 'The project (tenant) that the API key belongs to'),
  text('customer', 'The customer who is metered'),
  text('workspace', "The customer's workspace; empty where the client named none"),
  text('user', "The customer's user; empty where the client named none"),
  text('role', "The user's role; empty where the client named none"),
  name('model', 'The model that was called'),
  name('model_group', "The model's group when the event was accepted"),
  text('source', 'What sent the event (CloudEvents source)'),
];

/** One event holds at most 10^9 of a unit, and tokens are the sum of two; voids are below zero. */
export const UNIT_SUMS: readonly WarehouseColumn[] = UNITS.map((unit) => ({
  name: UNIT_COLUMNS[unit],
  type: 'Int32',
  comment: UNIT_COMMENTS[unit],
}));

/** The columns of one event that counts, in the contract's order. */
export const EVENT_COLUMNS: readonly WarehouseColumn[] = [
  ...DIMENSIONS,
  text('event_id', "The event's id, its sender's own"),
  instant('time', 'When the call was made (UTC)'),
  instant('received_at', 'When a gateway accepted the event (UTC)'),
  ...UNIT_SUMS,
  { name: 'tags', type: 'Map(String, String)', comment: "The client's own labels" },
  { name: 'partition', type: 'UInt16', comment: 'The partition of the log that holds the event' },
  { name: 'offset', type: 'UInt64', comment: "The event's offset in its partition" },
];

/** What `voids` says of an event. */
export const NO_VOID = '-1';

/** Of a row that takes an event back, with its units below zero; an event has none of it. */
export const VOID_COLUMNS: readonly WarehouseColumn[] = [
  {
    name: 'voids',
    type: 'Int64',
    default: NO_VOID,
    comment: 'The offset of the event that the row takes back; -1: the row is an event',
  },
  { name: 'void_offset', type: 'UInt64', comment: "The void's own offset in the partition" },
  text('void_reason', 'Why the event does not count'),
  text('voided_by', 'The name of the key that voided it'),
];

/** What the table holds beside the columns of the contract. */
export const INNER_COLUMNS: readonly WarehouseColumn[] = [
  {
    name: 'catalogue_version',
    type: 'UInt64',
    comment: "The version of the project's catalogue that gave the model its group",
  },
  ...VOID_COLUMNS,
];

export const TABLE_COLUMNS: readonly WarehouseColumn[] = [...EVENT_COLUMNS, ...INNER_COLUMNS];

/** The columns that the table was made with; what came later is altered. */
export const FIRST_COLUMNS: readonly WarehouseColumn[] = TABLE_COLUMNS.filter(
  (column) => !VOID_COLUMNS.includes(column),
).map((column) => (UNIT_SUMS.includes(column) ? { ...column, type: 'UInt32' } : column));

/**
 * Start of the quarter of an hour, derived from `time`: what the projections group by, so that a
 * query over hours, days or months in any time zone reads them (zones differ by quarters).
 */
export const QUARTER_COLUMN = 'quarter';
export const QUARTER_TYPE = INSTANT;
