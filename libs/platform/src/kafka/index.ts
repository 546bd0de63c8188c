export * from './append-types';
export * from './follow-types';
export * from './log-fault';
export * from './log-types';
export { murmur2, partitionOf } from './murmur2';
export * from './read-types';
