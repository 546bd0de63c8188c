export { crashPoint } from './crash-point';
export * from './clickhouse';
export * from './config';
export * from './http';
export * from './kafka';
export * from './postgres';
export * from './telemetry';
