export * from './columns';
export * from './usage-events.table';
export * from './views';
export * from './clickhouse';
export { UsageEventsWriter } from './usage-events.writer';
export { insertSettings, insertStatement, type InsertRange } from './usage-events.insert';
export { CLICKHOUSE_MIGRATIONS } from './migrations';
export { RebuiltTable, type RowDifference } from './rebuilt-table';
