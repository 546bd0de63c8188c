import { LIMITS, SPARE_THREADS } from './limits';

// before anything asks for a worker thread: each running query takes one for its whole time
process.env.UV_THREADPOOL_SIZE ??= `${LIMITS.maxRunningQueries + SPARE_THREADS}`;

import { readConfig } from './config';
import { startServer } from './server';

const say = (level: string, message: string, more: Record<string, unknown> = {}): void => {
  const line = { level, time: new Date().toISOString(), name: 'clickhouse', message, ...more };
  process.stdout.write(`${JSON.stringify(line)}\n`);
};

const die = (message: string, error?: unknown): never => {
  say('fatal', message, error === undefined ? {} : { error: String(error) });
  process.exit(1);
};

/**
 * An orderly exit waits for the engine's threads, and with them for the query that cannot be ended.
 * The supervisor starts the server again, with all that was acknowledged.
 */
const endAtOnce = (message: string, error: string): void => {
  say('fatal', message, { error });
  process.kill(process.pid, 'SIGKILL');
};

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const server = await startServer({
    bind: config.bind,
    port: config.port,
    dataFolder: config.dataFolder,
    passwords: { loader: config.loaderPassword, reader: config.readerPassword },
    limits: config.limits,
    onWedged: (why) => endAtOnce('a query cannot be ended', why),
  });
  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) return;
    stopping = true;
    say('info', 'stopping', { signal });
    server.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        say('error', 'the stop failed', { error: String(error) });
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  say('info', 'ready', { port: server.port, version: server.version, pid: process.pid });
}

process.on('uncaughtException', (error) => die('uncaught', error.stack));
process.on('unhandledRejection', (error) => die('unhandled', error));
main().catch((error: unknown) => die(error instanceof Error ? error.message : String(error)));
