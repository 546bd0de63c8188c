/**
 * The door for commands and threads that only reach the engines: without HTTP, Nest and telemetry,
 * which take longer to load than a small comparison takes.
 */
export * from './clickhouse';
export * from './config';
export { openLog } from './kafka/open-log';
export { partitionOf } from './kafka/murmur2';
export * from './kafka/follow-types';
export * from './kafka/log-types';
export * from './kafka/read-types';
