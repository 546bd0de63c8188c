export * from './program';
export { AlreadyRunning } from './registry';
export { Supervisor } from './supervisor';
export { writeAtomically } from './write-atomically';
export type { Supervised } from './supervised';
