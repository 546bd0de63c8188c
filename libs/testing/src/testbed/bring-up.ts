import {
  addressesOf,
  ENGINES,
  freePort,
  keepSecrets,
  startEngines,
  Supervisor,
  type Addresses,
  type EngineName,
  type LocalSettings,
  type Secrets,
} from '@tallyward/local';

export interface BringUp {
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  readonly only?: readonly EngineName[];
  say(line: string): void;
}

export interface Engines {
  readonly supervisor: Supervisor;
  readonly addresses: Addresses;
  readonly secrets: Secrets;
}

/** Engines on ports nobody uses, with all their files in one folder, never the checkout's data. */
export async function bringUp({ directory, env, only = ENGINES, say }: BringUp): Promise<Engines> {
  const bind = '127.0.0.1';
  const settings: LocalSettings = {
    ports: {
      gateway: 0,
      entitlement: 0,
      aggregator: 0,
      kafka: await freePort(bind),
      kafkaController: await freePort(bind),
      postgres: await freePort(bind),
      clickhouse: await freePort(bind),
    },
    bind,
    advertised: undefined,
    directory,
    given: { brokers: undefined, postgresAdminUrl: undefined, clickhouseUrl: undefined },
  };
  const secrets = keepSecrets(directory, {});
  const supervisor = new Supervisor({ directory, say });
  const start = { settings, secrets, env, say, only };
  try {
    await startEngines(start, supervisor);
  } catch (error) {
    await supervisor.stop();
    throw error;
  }
  return { supervisor, addresses: addressesOf(start), secrets };
}
