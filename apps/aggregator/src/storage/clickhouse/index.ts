export * from './columns';
export * from './usage-events.table';
export * from './views';
