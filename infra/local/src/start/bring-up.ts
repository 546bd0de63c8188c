import {
  addressesOf,
  checkEngines,
  enginesToStart,
  gatewayPort,
  keepOperatorKey,
  keepSecrets,
  startEngines,
  type LocalSettings,
} from '../engines';
import { ensureDatabase } from '../postgres';
import type { Supervisor } from '../supervisor';
import type { Say } from './demo';
import { keyIsKnown } from './key-known';
import { DATABASE, gatewayAddresses, servicePrograms, type Stack } from './services';

export interface BringUp {
  readonly settings: LocalSettings;
  readonly env: NodeJS.ProcessEnv;
  readonly gateways: number;
  readonly supervisor: Supervisor;
  readonly say: Say;
}

/** Checks, engines, database, services; resolves when every service is ready. */
export async function bringUp(options: BringUp): Promise<Stack> {
  const { settings, env, gateways, supervisor, say } = options;
  const from = Date.now();
  const secrets = keepSecrets(settings.directory, env);
  const start = { settings, secrets, env, say };
  await checkEngines(start, servicePorts(settings, gateways));
  const engines = enginesToStart(start);
  say(`starting ${engines.join(', ') || 'no engine: all are given by URL'}`);
  await startEngines(start, supervisor);
  const addresses = addressesOf(start);
  await ensureDatabase(addresses.postgresAdminUrl, DATABASE, {
    entitlement: secrets.postgresEntitlement,
    aggregator: secrets.postgresAggregator,
    auditor: secrets.postgresAuditor,
  });
  say(`engines ready after ${seconds(from)}`);
  const operatorKey = keepOperatorKey(settings.directory, env);
  const stack: Stack = { settings, secrets, addresses, operatorKey, env };
  const programs = servicePrograms(stack, gateways);
  say(`starting ${programs.map((p) => p.name).join(', ')}`);
  const starts = await Promise.allSettled(programs.map((p) => supervisor.start(p)));
  const failed = starts.find((s) => s.status === 'rejected');
  if (failed) throw failed.reason;
  const urls = gatewayAddresses(stack, gateways);
  await Promise.all(urls.map((url) => keyIsKnown(url, operatorKey)));
  say(`everything ready after ${seconds(from)}`);
  return stack;
}

const seconds = (from: number): string => `${((Date.now() - from) / 1_000).toFixed(1)} s`;

function servicePorts({ ports }: LocalSettings, gateways: number): Record<string, number> {
  const wanted: Record<string, number> = {
    entitlement: ports.entitlement,
    aggregator: ports.aggregator,
  };
  for (let n = 1; n <= gateways; n++) wanted[`gateway-${n}`] = gatewayPort(ports, n);
  return wanted;
}
