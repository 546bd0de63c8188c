export { CHECKOUT } from './checkout';
export * from './ports';
export * from './secrets';
export * from './settings';
export * from './start-engines';
