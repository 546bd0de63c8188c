export * from './bare-log';
export * from './bench';
export * from './bench-events';
export type { Bare, Comparison, Side } from './compare';
export type { Figure } from './figure';
export * from './http-lane';
export { inFlight } from './in-flight';
export { processorMicros, residentBytes, type Watched } from './processor-time';
export * from './spread';
