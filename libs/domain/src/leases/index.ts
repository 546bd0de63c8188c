export * from './elapsed';
export * from './lease';
export * from './ask';
export * from './grant';
export * from './ledger';
export * from './hold';
export * from './pending-asks';
export * from './lease-book';
