import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import {
  asRole,
  dropDatabase,
  ensureDatabase,
  inDatabase,
  Supervisor,
  watchFolds,
  type Addresses,
  type Behind,
  type EngineName,
  type Folds,
  type Secrets,
} from '@tallyward/local';
import { bringUp } from './bring-up';
import { clickhouseDatabase } from './clickhouse-database';
import { spawnService, type Service, type ServiceName, type SpawnOptions } from './services';
import { drop, sharedEngines, temporaryFolder } from './shared-engines';
import { untilSeen } from './until';

/** Who is asked how far the folds are; one without an address is not waited for. */
export type FoldServices = Pick<Folds, 'entitlementUrl' | 'aggregatorUrl'>;

export interface TestbedOptions {
  /**
   * Engines of its own, which it may kill: the others are shared with every spec of the run.
   * Costs a few seconds and, for Kafka, 300 MB.
   */
  readonly own?: readonly EngineName[];
}

/** A spec's own corner of real engines: nothing of it is seen by another spec. */
export interface Testbed {
  /** The prefix of topics and groups: `namespace` of the log port, TALLYWARD_TOPIC_PREFIX. */
  readonly namespace: string;
  readonly brokers: readonly string[];
  /** A fresh database with init.sql applied; one URL per role. */
  readonly postgres: Readonly<Record<'admin' | 'entitlement' | 'aggregator' | 'auditor', string>>;
  /** A fresh, empty database. */
  readonly clickhouse: Readonly<Record<'database' | 'loader' | 'reader', string>>;
  readonly internalSecret: string;
  /** A folder of its own, gone with `close`. */
  readonly directory: string;
  /** kill -9, as a crash; its supervisor starts it again. Only for `own` engines. */
  kill(engine: EngineName): void;
  /** Stops an `own` engine until `start` is called. */
  stop(engine: EngineName): Promise<void>;
  start(engine: EngineName): Promise<void>;
  /** Of an `own` engine; undefined while it is down. */
  pid(engine: EngineName): number | undefined;
  /** Resolves when an `own` engine that was killed serves again. */
  serves(engine: EngineName): Promise<void>;
  /** Runs apps/{app}/dist/main.js; resolves when it is ready. `close` ends it. */
  spawnService(
    app: ServiceName,
    env?: Readonly<Record<string, string>>,
    options?: SpawnOptions,
  ): Promise<Service>;
  /**
   * Resolves when the folds have reached the end that the log has now, by what `services` say:
   * those given, or else the last that were spawned here. The error of a deadline says how many
   * entries each is behind.
   */
  drained(withinMs?: number, services?: FoldServices): Promise<void>;
  close(): Promise<void>;
}

export async function testbed(options: TestbedOptions = {}): Promise<Testbed> {
  const directory = temporaryFolder();
  try {
    return await bedIn(directory, options.own ?? []);
  } catch (error) {
    drop(directory);
    throw error;
  }
}

async function bedIn(directory: string, own: readonly EngineName[]): Promise<Testbed> {
  const env = process.env;
  const say = (): void => undefined;
  const shared = own.length === 3 ? undefined : sharedEngines();
  const mine =
    own.length > 0
      ? await bringUp({ directory: join(directory, 'engines'), env, only: own, say })
      : undefined;
  const engineOf = (name: EngineName) => {
    if (own.includes(name) && mine) return mine.supervisor.get(name);
    throw new Error(
      `${name} is shared with other specs: ask for testbed({ own: ['${name}'] }) to end it`,
    );
  };
  const from = (name: EngineName): { addresses: Addresses; secrets: Secrets } => {
    const found = own.includes(name) ? mine : shared;
    if (!found) throw new Error(`no ${name}`);
    return found;
  };
  const id = `t${randomBytes(5).toString('hex')}`;
  const corners = async () => ({
    postgres: await postgresCorner(from('postgres'), id),
    clickhouse: await clickhouseDatabase(from('clickhouse').addresses.clickhouseUrl, id),
  });
  const { postgres, clickhouse } = await corners().catch(async (error: unknown) => {
    await mine?.supervisor.stop();
    throw error;
  });
  const internalSecret = randomBytes(32).toString('hex');
  let services: Supervisor | undefined;
  let isClosed = false;
  const folds: { -readonly [url in keyof FoldServices]: FoldServices[url] } = {};
  const bed: Testbed = {
    namespace: `${id}.`,
    brokers: from('kafka').addresses.brokers,
    postgres,
    clickhouse: clickhouse.urls,
    internalSecret,
    directory,
    kill: (engine) => engineOf(engine).kill(),
    stop: (engine) => engineOf(engine).stop(),
    start: (engine) => engineOf(engine).start(),
    pid: (engine) => engineOf(engine).pid,
    serves: (engine) => engineOf(engine).serves(),
    async spawnService(app, more = {}, how = {}) {
      if (isClosed) throw new Error('the bed is closed'); // its folder would be made again
      services ??= new Supervisor({ directory: join(directory, 'services'), say });
      const service = await spawnService(services, bed, app, { more, ...how });
      if (app !== 'gateway') folds[`${app}Url`] = service.url;
      return service;
    },
    async drained(withinMs, asked = folds) {
      const { brokers, namespace } = bed;
      const watch = watchFolds({ brokers, topicPrefix: namespace, internalSecret, ...asked });
      const reached = (behind: Behind) => Object.values(behind).every((entries) => entries === 0);
      try {
        await untilSeen(watch.look, reached, { what: 'the folds to reach the end', withinMs });
      } finally {
        await watch.close();
      }
    },
    async close() {
      isClosed = true;
      await services?.stop();
      if (!own.includes('postgres'))
        await dropDatabase(from('postgres').addresses.postgresAdminUrl, id);
      if (!own.includes('clickhouse')) await clickhouse.drop();
      await mine?.supervisor.stop();
      drop(directory);
    },
  };
  return bed;
}

async function postgresCorner(
  { addresses, secrets }: { addresses: Addresses; secrets: Secrets },
  database: string,
): Promise<Testbed['postgres']> {
  const passwords = {
    entitlement: secrets.postgresEntitlement,
    aggregator: secrets.postgresAggregator,
    auditor: secrets.postgresAuditor,
  };
  await ensureDatabase(addresses.postgresAdminUrl, database, passwords);
  const admin = inDatabase(addresses.postgresAdminUrl, database);
  return {
    admin,
    entitlement: asRole(admin, 'entitlement', passwords.entitlement),
    aggregator: asRole(admin, 'aggregator', passwords.aggregator),
    auditor: asRole(admin, 'auditor', passwords.auditor),
  };
}
