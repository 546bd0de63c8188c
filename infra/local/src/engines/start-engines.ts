import { join } from 'node:path';
import { clickhouseEngine } from '../clickhouse';
import { haveJars, kafkaJars } from '../kafka/jars';
import { assertMaven, findJava } from '../kafka/java';
import { kafkaEngine } from '../kafka/engine';
import { ANY_INTERFACE } from '../kafka/settings';
import { adminUrl, postgresEngine } from '../postgres/engine';
import type { Program, Supervisor } from '../supervisor';
import { assertPortsFree } from './ports';
import type { Secrets } from './secrets';
import type { LocalSettings } from './settings';

export type EngineName = 'kafka' | 'postgres' | 'clickhouse';
export const ENGINES: readonly EngineName[] = ['kafka', 'postgres', 'clickhouse'];

/** Where clients on this machine find the engines. */
export interface Addresses {
  readonly brokers: readonly string[];
  /** Superuser of the cluster; services get a role of their own. */
  readonly postgresAdminUrl: string;
  /** With the loader's user and password. */
  readonly clickhouseUrl: string;
  readonly clickhouseReaderUrl: string;
}

export interface StartEngines {
  readonly settings: LocalSettings;
  readonly secrets: Secrets;
  readonly env: NodeJS.ProcessEnv;
  say(line: string): void;
  readonly only?: readonly EngineName[];
}

/** The engines to start: none that is given by URL, none that isn't asked for. */
export function enginesToStart({ settings, only = ENGINES }: StartEngines): EngineName[] {
  const { brokers, postgresAdminUrl, clickhouseUrl } = settings.given;
  const given = { kafka: brokers, postgres: postgresAdminUrl, clickhouse: clickhouseUrl };
  return only.filter((name) => given[name] === undefined);
}

/** Everything that can be told to be missing before anything starts: ports, Java, Maven. */
export async function checkEngines(
  start: StartEngines,
  more: Readonly<Record<string, number>> = {},
): Promise<void> {
  const { ports, bind } = start.settings;
  const names = enginesToStart(start);
  const wanted: Record<string, number> = { ...more };
  for (const name of names) wanted[name] = ports[name];
  if (names.includes('kafka')) wanted["kafka's controller"] = ports.kafkaController;
  if (names.includes('kafka')) {
    await findJava(start.env);
    if (!haveJars()) await assertMaven(start.env);
  }
  await assertPortsFree(bind, wanted);
}

/** Starts what isn't given, all at once: they need nothing of each other. */
export async function startEngines(start: StartEngines, supervisor: Supervisor): Promise<void> {
  const makers: Record<EngineName, () => Promise<Program>> = {
    kafka: () => kafkaProgram(start),
    postgres: () => Promise.resolve(postgresEngine(postgresPlace(start))),
    clickhouse: () => Promise.resolve(clickhouseEngine(clickhousePlace(start))),
  };
  const names = enginesToStart(start);
  const starts = await Promise.allSettled(
    names.map(async (name) => supervisor.start(await makers[name]())),
  );
  const failed = starts.find((s) => s.status === 'rejected');
  if (failed) throw failed.reason;
}

export function addressesOf(start: StartEngines): Addresses {
  const { settings, secrets } = start;
  const { given, ports } = settings;
  const host = clientHost(settings);
  const clickhouseUrl =
    given.clickhouseUrl ??
    `http://loader:${secrets.clickhouseLoader}@${host}:${ports.clickhouse}/tallyward`;
  const reader = new URL(clickhouseUrl);
  reader.username = 'reader';
  reader.password = readerPassword(settings, secrets);
  return {
    brokers: given.brokers ?? [`${host}:${ports.kafka}`],
    postgresAdminUrl: given.postgresAdminUrl ?? adminUrl(postgresPlace(start)),
    clickhouseUrl,
    clickhouseReaderUrl: reader.toString(),
  };
}

const LOOPBACK = /^(127\.|::1$|localhost$)/;

/** None on the loopback; where others can connect, the one in secrets.json. */
const readerPassword = ({ bind }: LocalSettings, secrets: Secrets): string =>
  LOOPBACK.test(bind) ? '' : secrets.clickhouseReader;

const clientHost = ({ bind, advertised }: LocalSettings): string =>
  advertised ?? (ANY_INTERFACE.has(bind) ? '127.0.0.1' : bind);

async function kafkaProgram({ settings, env, say }: StartEngines): Promise<Program> {
  const java = await findJava(env);
  return kafkaEngine({
    java,
    jars: await kafkaJars(java, env, say),
    dataFolder: join(settings.directory, 'kafka', 'data'),
    bind: settings.bind,
    advertised: clientHost(settings),
    port: settings.ports.kafka,
    controllerPort: settings.ports.kafkaController,
    env,
  });
}

const postgresPlace = ({ settings, secrets, env }: StartEngines) => ({
  folder: join(settings.directory, 'postgres'),
  bind: settings.bind,
  port: settings.ports.postgres,
  password: secrets.postgresAdmin,
  env,
});

const clickhousePlace = ({ settings, secrets, env }: StartEngines) => ({
  dataFolder: join(settings.directory, 'clickhouse'),
  bind: settings.bind,
  port: settings.ports.clickhouse,
  loaderPassword: secrets.clickhouseLoader,
  readerPassword: readerPassword(settings, secrets),
  env,
});
