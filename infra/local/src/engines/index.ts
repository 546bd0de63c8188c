export { ANY_INTERFACE } from '../kafka/settings';
export { CHECKOUT } from './checkout';
export * from './operator-key';
export * from './ports';
export * from './secrets';
export * from './settings';
export * from './start-engines';
