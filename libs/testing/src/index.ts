export * from './bench';
export * from './builders/usage-events';
export * from './clock/settable-clock';
export * from './decider/given-when-then';
export type { Service, ServiceName } from './testbed/services';
export { temporaryFolder } from './testbed/shared-engines';
export * from './testbed/testbed';
export * from './testbed/until';
export { FaultProxy } from './log-conformance/fault-proxy';
