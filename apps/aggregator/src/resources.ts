/**
 * What the modules are given by `main` (or by a test): made once per process, closed by whoever
 * made it. The DataSource is injected by its own class, in storage/ alone.
 */

/** The log port: `@Inject(LOG_PORT) log: Log` of libs/platform/src/kafka. */
export const LOG_PORT = Symbol('the log port');
/** ClickHouse as the loader, with writes: `@Inject(CLICKHOUSE) clickhouse: ClickHouse`. */
export const CLICKHOUSE = Symbol('the warehouse');
/** The process's log of lines. */
export const SERVICE_LOG = Symbol('the log of lines');
/** Ends the process when it can't go on: `@Inject(FATAL) fatal: (error: Error) => void`. */
export const FATAL = Symbol('what to do when nothing can be done');

/** Where entitlement is read: its totals as the auditor, its limits over HTTP. */
export interface Audited {
  readonly auditorUrl: string;
  readonly entitlementUrl: string;
  /** Signs who calls. */
  readonly secret: string;
}
export const AUDITED = Symbol('what entitlement is audited by');
