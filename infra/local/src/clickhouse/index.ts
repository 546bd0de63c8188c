export { clickhouseEngine, type ClickHouseEngine } from './engine';
