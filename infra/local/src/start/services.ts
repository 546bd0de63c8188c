import { join } from 'node:path';
import {
  ANY_INTERFACE,
  CHECKOUT,
  gatewayPort,
  type Addresses,
  type LocalSettings,
  type Secrets,
} from '../engines';
import { asRole, inDatabase } from '../postgres';
import type { Program } from '../supervisor';

export const DATABASE = 'tallyward';
/** Where the console is built to; a gateway serves it at `/`. */
const CONSOLE_DIR = join(CHECKOUT, 'apps/console/dist/site');
const READY_WITHIN_MS = 60_000;
const LOOK_DEADLINE_MS = 3_000;

export interface Stack {
  readonly settings: LocalSettings;
  readonly secrets: Secrets;
  readonly addresses: Addresses;
  readonly operatorKey: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Variables a person may set for all services at once; the rest is ours to say. */
const PASSED_ON = [
  ...['PATH', 'HOME', 'LANG', 'NODE_OPTIONS', 'TALLYWARD_LOG_LEVEL', 'TALLYWARD_TOPIC_PREFIX'],
  ...['OTEL_EXPORTER_OTLP_ENDPOINT', 'TALLYWARD_TRACE_RATIO', 'TALLYWARD_TRACE_FILE'],
] as const;

export const serviceUrl = ({ settings }: Stack, port: number): string => {
  const host = ANY_INTERFACE.has(settings.bind) ? '127.0.0.1' : settings.bind;
  return `http://${host}:${port}`;
};

export const gatewayAddresses = (stack: Stack, gateways: number): string[] =>
  Array.from({ length: gateways }, (_, i) =>
    serviceUrl(stack, gatewayPort(stack.settings.ports, i + 1)),
  );

/** In the order they start; the gateways last, so that they stop first. */
export function servicePrograms(stack: Stack, gateways: number): Program[] {
  const { addresses, secrets, settings } = stack;
  const { ports } = settings;
  const database = inDatabase(addresses.postgresAdminUrl, DATABASE);
  const entitlementUrl = serviceUrl(stack, ports.entitlement);
  const entitlement = service(stack, 'entitlement', 'entitlement', ports.entitlement, {
    TALLYWARD_POSTGRES_URL: asRole(database, 'entitlement', secrets.postgresEntitlement),
    TALLYWARD_OPERATOR_KEY: stack.operatorKey,
  });
  const aggregator = service(stack, 'aggregator', 'aggregator', ports.aggregator, {
    TALLYWARD_POSTGRES_URL: asRole(database, 'aggregator', secrets.postgresAggregator),
    TALLYWARD_AUDITOR_POSTGRES_URL: asRole(database, 'auditor', secrets.postgresAuditor),
    TALLYWARD_CLICKHOUSE_URL: addresses.clickhouseUrl,
    TALLYWARD_ENTITLEMENT_URL: entitlementUrl,
  });
  const behind = {
    TALLYWARD_ENTITLEMENT_URL: entitlementUrl,
    TALLYWARD_AGGREGATOR_URL: serviceUrl(stack, ports.aggregator),
    TALLYWARD_CONSOLE_DIR: CONSOLE_DIR,
  };
  const each = Array.from({ length: gateways }, (_, i) => i + 1);
  return [
    entitlement,
    aggregator,
    ...each.map((n) => service(stack, 'gateway', `gateway-${n}`, gatewayPort(ports, n), behind)),
  ];
}

function service(
  stack: Stack,
  app: string,
  instance: string,
  port: number,
  own: Readonly<Record<string, string>>,
): Program {
  const { addresses, env, secrets, settings } = stack;
  const url = serviceUrl(stack, port);
  return {
    name: instance,
    command: process.execPath,
    args: ['--enable-source-maps', join(CHECKOUT, 'apps', app, 'dist/main.js')],
    env: {
      ...Object.fromEntries(PASSED_ON.map((name) => [name, env[name]])),
      NODE_ENV: 'production',
      TZ: 'UTC',
      KAFKAJS_NO_PARTITIONER_WARNING: '1',
      TALLYWARD_BIND: settings.bind,
      TALLYWARD_HTTP_PORT: String(port),
      TALLYWARD_INSTANCE: instance,
      TALLYWARD_KAFKA_BROKERS: addresses.brokers.join(),
      TALLYWARD_INTERNAL_SECRET: secrets.internal,
      ...own,
    },
    readyWithinMs: READY_WITHIN_MS,
    async ready() {
      const signal = AbortSignal.timeout(LOOK_DEADLINE_MS);
      return (await fetch(`${url}/readyz`, { signal })).ok;
    },
  };
}
