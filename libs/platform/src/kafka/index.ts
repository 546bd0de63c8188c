export * from './append-types';
export * from './follow-types';
export * from './log-fault';
export * from './log-types';
export { APPEND_LIMITS } from './append-limits';
export { FOLLOW_LIMITS } from './follow-limits';
export { openLog } from './open-log';
export { murmur2, partitionOf } from './murmur2';
export * from './read-types';
