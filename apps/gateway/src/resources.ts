/**
 * What the modules are given by `main` (or by a test): made once per process, closed by whoever
 * made it.
 */

/** The log port: `@Inject(LOG_PORT) log: Log` of libs/platform/src/kafka. */
export const LOG_PORT = Symbol('the log port');
/** The process's log of lines. */
export const SERVICE_LOG = Symbol('the log of lines');
/** The environment as read through environment.ts. */
export const ENVIRONMENT = Symbol('the environment');
/** Ends the process when it can't go on: `@Inject(FATAL) fatal: (error: Error) => void`. */
export const FATAL = Symbol('what to do when nothing can be done');
