export * from './columns';
export * from './usage-events.table';
export * from './views';
export { DECISION_COLUMNS, DECISIONS, DECISIONS_VIEW } from './decisions.table';
export { BILLING_RECORDS } from './billing-records.table';
export * from './clickhouse';
export { RowWriter } from './row.writer';
export {
  insertSettings,
  insertStatement,
  type InsertRange,
  type WarehouseTable,
} from './row.insert';
export { CLICKHOUSE_MIGRATIONS } from './migrations';
export { RebuiltTable, type RowDifference } from './rebuilt-table';
