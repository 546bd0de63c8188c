import { join, resolve } from 'node:path';
import { z } from 'zod';
import { CHECKOUT } from './checkout';
import { portsOf, PORTS_PER_BASE, type Ports } from './ports';

const MAX_PORT = 65_535;
const url = (...protocols: string[]) =>
  z.url({ protocol: new RegExp(`^(${protocols.join('|')})$`) }).optional();

/** What `npm start` and the test engines read from the environment, all optional. */
const shape = z.object({
  TALLYWARD_PORT_BASE: z.coerce
    .number()
    .int()
    .min(1_024)
    .max(MAX_PORT - PORTS_PER_BASE)
    .optional(),
  TALLYWARD_BIND: z.string().min(1).default('127.0.0.1'),
  TALLYWARD_ADVERTISED_HOST: z.string().min(1).optional(),
  TALLYWARD_LOCAL_DIR: z.string().min(1).optional(),
  TALLYWARD_KAFKA_BROKERS: z.string().min(3).optional(),
  TALLYWARD_POSTGRES_ADMIN_URL: url('postgres', 'postgresql'),
  TALLYWARD_CLICKHOUSE_URL: url('http', 'https'),
});

export interface LocalSettings {
  readonly ports: Ports;
  readonly bind: string;
  readonly advertised: string | undefined;
  /** `.local` of the checkout: data, logs, secrets. */
  readonly directory: string;
  /** Engines that are somebody else's: given by URL, not started. */
  readonly given: {
    readonly brokers: readonly string[] | undefined;
    readonly postgresAdminUrl: string | undefined;
    readonly clickhouseUrl: string | undefined;
  };
}

export class BadSettings extends Error {}

/** Lists every fault at once. */
export function readSettings(env: NodeJS.ProcessEnv): LocalSettings {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const read = shape.safeParse(set);
  if (!read.success) {
    const faults = read.error.issues.map((i) => `  ${i.path.join('.')}: ${i.message}`);
    throw new BadSettings(`The environment is wrong:\n${faults.join('\n')}`);
  }
  const e = read.data;
  return {
    ports: portsOf(e.TALLYWARD_PORT_BASE),
    bind: e.TALLYWARD_BIND,
    advertised: e.TALLYWARD_ADVERTISED_HOST,
    directory: resolve(e.TALLYWARD_LOCAL_DIR ?? join(CHECKOUT, '.local')),
    given: {
      brokers: e.TALLYWARD_KAFKA_BROKERS?.split(',').map((b) => b.trim()),
      postgresAdminUrl: e.TALLYWARD_POSTGRES_ADMIN_URL,
      clickhouseUrl: e.TALLYWARD_CLICKHOUSE_URL,
    },
  };
}
