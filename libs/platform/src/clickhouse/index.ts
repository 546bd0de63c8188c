export { clickHouseCode, isClickHouseLoss, isClickHouseTransient } from './errors';
export { type ClickHouseMigration, migrateClickHouse } from './migrate';
export {
  type ClickHouseOptions,
  PINNED_SETTINGS,
  type Ping,
  clickHouseClient,
  openClickHouse,
  pingClickHouse,
} from './open-clickhouse';
