import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '../supervisor';

/** Made at the first start, kept in `secrets.json` (mode 0600); the environment wins over it. */
export interface Secrets {
  readonly postgresAdmin: string;
  readonly postgresEntitlement: string;
  readonly postgresAggregator: string;
  readonly postgresAuditor: string;
  readonly clickhouseLoader: string;
  /** Asked for only where others can reach the port: on the loopback `reader` needs none. */
  readonly clickhouseReader: string;
  /** Signs the caller header between gateway and services. */
  readonly internal: string;
}

/** The same names in docker-compose.yml. */
export const SECRET_VARIABLES: Readonly<Record<keyof Secrets, string>> = {
  postgresAdmin: 'TALLYWARD_POSTGRES_ADMIN_PASSWORD',
  postgresEntitlement: 'TALLYWARD_POSTGRES_ENTITLEMENT_PASSWORD',
  postgresAggregator: 'TALLYWARD_POSTGRES_AGGREGATOR_PASSWORD',
  postgresAuditor: 'TALLYWARD_POSTGRES_AUDITOR_PASSWORD',
  clickhouseLoader: 'TALLYWARD_CLICKHOUSE_LOADER_PASSWORD',
  clickhouseReader: 'TALLYWARD_CLICKHOUSE_READER_PASSWORD',
  internal: 'TALLYWARD_INTERNAL_SECRET',
};

const SECRET_BYTES = 32;

export function keepSecrets(directory: string, env: NodeJS.ProcessEnv): Secrets {
  const path = join(directory, 'secrets.json');
  const names = Object.keys(SECRET_VARIABLES) as (keyof Secrets)[];
  const kept = (existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {}) as Partial<Secrets>;
  const fresh = names.map((name) => [
    name,
    kept[name] ?? randomBytes(SECRET_BYTES).toString('hex'),
  ]);
  if (names.some((name) => !kept[name])) {
    mkdirSync(directory, { recursive: true });
    writeAtomically(path, `${JSON.stringify(Object.fromEntries(fresh), null, 1)}\n`, 0o600);
  }
  const given = names.map((name) => [name, env[SECRET_VARIABLES[name]]]).filter(([, v]) => v);
  return { ...Object.fromEntries(fresh), ...Object.fromEntries(given) } as Secrets;
}
