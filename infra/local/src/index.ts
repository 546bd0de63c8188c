export * from './engines';
export * from './postgres';
export * from './supervisor';
export * from './wait/until';
