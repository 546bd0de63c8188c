import { type ServiceLogger, flushLogger } from './logger';
import type { Telemetry } from './start-telemetry';

/** How long a service may take to stop after a signal; then it ends at once, with code 1. */
export const STOP_DEADLINE_MS = 20_000;

export type RunningService = { close(): Promise<void> };

/**
 * The end of a process that can't go on: logged, flushed, exit code 1. A supervisor starts it
 * again.
 */
export function fatal(log: ServiceLogger, error: unknown, message = 'fatal'): never {
  log.fatal({ err: error }, message);
  flushLogger();
  process.exit(1);
}

/**
 * Runs a service to its end: starts it, stops it on SIGTERM or SIGINT, and ends the process on
 * whatever nobody caught. Call it once, in `main`.
 */
export async function runService(
  log: ServiceLogger,
  telemetry: Telemetry,
  start: () => Promise<RunningService>,
): Promise<void> {
  process.on('uncaughtException', (error) => fatal(log, error, 'uncaught exception'));
  process.on('unhandledRejection', (error) => fatal(log, error, 'unhandled rejection'));
  // Node would print its warnings as plain text among the JSON lines.
  process.removeAllListeners('warning');
  process.on('warning', (warning) => log.warn({ err: warning }, 'a warning of Node'));
  let stopping = false;
  const starting = start();
  const stop = (signal: NodeJS.Signals): void => {
    // A Ctrl-C reaches the whole group, and the supervisor's own signal comes after it: one stop.
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping');
    setTimeout(() => fatal(log, undefined, 'stopping took too long'), STOP_DEADLINE_MS).unref();
    void starting.then((service) => end(log, telemetry, service));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  try {
    await starting;
  } catch (error) {
    fatal(log, error, 'the service did not start');
  }
}

async function end(
  log: ServiceLogger,
  telemetry: Telemetry,
  service: RunningService,
): Promise<void> {
  try {
    await service.close();
    await telemetry.stop();
  } catch (error) {
    fatal(log, error, 'the service did not stop well');
  }
  log.info('stopped');
  flushLogger();
  process.exit(0);
}
