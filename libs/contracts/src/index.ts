export * from './topics';
export * from './names';
export * from './cloud-event';
export * from './log-entry';
export * from './problems';
export * from './catalogue';
export * from './usage-report';
