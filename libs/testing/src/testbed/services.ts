import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT, freePort, type Program, type Supervisor } from '@tallyward/local';
import type { Testbed } from './testbed';

export type ServiceName = 'gateway' | 'entitlement' | 'aggregator';

export interface Service {
  /** As given in TALLYWARD_INSTANCE: gateway-1, gateway-2 … */
  readonly instance: string;
  readonly url: string;
  readonly pid: number;
  /** kill -9; it stays dead until `start`. */
  kill(): Promise<void>;
  /** SIGTERM, and waits for its end. */
  stop(): Promise<void>;
  /** Starts it again on the same port; resolves when it is ready. */
  start(): Promise<void>;
  /** What it printed so far. */
  log(): string;
}

export interface SpawnOptions {
  /** Its supervisor starts it again when it ends, as `npm start`'s does. Default: it stays dead. */
  readonly restarts?: boolean;
}

const READY_WITHIN_MS = 40_000;
const LOOK_DEADLINE_MS = 2_000;

/** Where a service is to run, and what it is told beside the engines' addresses. */
export interface ServicePlace {
  readonly app: ServiceName;
  readonly instance: string;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  /** Whose build: `{apps}/{app}/dist`. Default: the checkout's. */
  readonly apps?: string;
  readonly restarts?: boolean;
  readonly readyWithinMs?: number;
}

/** A built service on a bed's engines, for a supervisor to run. */
export function serviceProgram(bed: Testbed, place: ServicePlace): Program {
  const { app, instance, port, restarts, readyWithinMs = READY_WITHIN_MS } = place;
  const main = join(place.apps ?? join(CHECKOUT, 'apps'), app, 'dist/main.js');
  if (!existsSync(main)) throw new Error(`${main} is not built: run "npx tsc -b" first`);
  return {
    name: instance,
    command: process.execPath,
    args: ['--enable-source-maps', main],
    env: { ...serviceEnvironment(bed, app), ...place.env, ...own(port, instance) },
    readyWithinMs,
    ...(restarts === undefined ? {} : { restarts }),
    ready: () => isReady(urlOf(port)),
  };
}

export async function isReady(url: string): Promise<boolean> {
  const signal = AbortSignal.timeout(LOOK_DEADLINE_MS);
  return (await fetch(`${url}/readyz`, { signal })).ok;
}

export async function spawnService(
  supervisor: Supervisor,
  bed: Testbed,
  app: ServiceName,
  { more, restarts = false }: SpawnOptions & { more: Readonly<Record<string, string>> },
): Promise<Service> {
  const port = Number(more.TALLYWARD_HTTP_PORT ?? (await freePort()));
  const instance = more.TALLYWARD_INSTANCE ?? `${app}-${port}`;
  const program = serviceProgram(bed, { app, instance, port, env: more, restarts });
  const running = await supervisor.start(program);
  return {
    instance,
    url: urlOf(port),
    get pid() {
      if (running.pid === undefined) throw new Error(`${instance} does not run`);
      return running.pid;
    },
    kill: () => running.end(),
    stop: () => running.stop(),
    start: () => running.start(),
    log: () => readFileSync(join(bed.directory, 'services/logs', `${instance}.log`), 'utf8'),
  };
}

const urlOf = (port: number): string => `http://127.0.0.1:${port}`;

const own = (port: number, instance: string): Record<string, string> => ({
  TALLYWARD_HTTP_PORT: String(port),
  TALLYWARD_INSTANCE: instance,
});

/** Where no service listens: for one that is not told where another is. */
const NOBODY = 'http://127.0.0.1:9';

const POSTGRES_ROLE = { entitlement: 'entitlement', aggregator: 'aggregator' } as const;

function serviceEnvironment(bed: Testbed, app: ServiceName): Record<string, string> {
  const env: Record<string, string> = {
    PATH: process.env.PATH ?? '',
    HOME: process.env.HOME ?? '',
    TZ: 'UTC',
    NODE_ENV: 'production',
    KAFKAJS_NO_PARTITIONER_WARNING: '1',
    TALLYWARD_BIND: '127.0.0.1',
    TALLYWARD_KAFKA_BROKERS: bed.brokers.join(','),
    TALLYWARD_TOPIC_PREFIX: bed.namespace,
    TALLYWARD_INTERNAL_SECRET: bed.internalSecret,
    TALLYWARD_LOG_LEVEL: 'info',
  };
  if (app !== 'gateway') env.TALLYWARD_POSTGRES_URL = bed.postgres[POSTGRES_ROLE[app]];
  if (app === 'aggregator') {
    env.TALLYWARD_CLICKHOUSE_URL = bed.clickhouse.loader;
    env.TALLYWARD_AUDITOR_POSTGRES_URL = bed.postgres.auditor;
    env.TALLYWARD_ENTITLEMENT_URL = NOBODY;
  }
  return env;
}
