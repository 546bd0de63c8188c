export * from './units';
export * from './usage-event';
export * from './identity';
export * from './horizon';
export * from './proof';
export * from './totals';
export * from './once';
export * from './calendar';
