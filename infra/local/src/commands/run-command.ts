import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from '../engines';
import { asRole, inDatabase } from '../postgres';
import { DATABASE, serviceUrl, type Stack } from '../start/services';

export type CommandName = 'reconcile' | 'rebuild';
export const COMMANDS: readonly CommandName[] = ['reconcile', 'rebuild'];

/** Passed on to the command, which would go on unseen otherwise. */
const STOPPING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const OUTPUT_LIMIT = 64 * 1024 * 1024;

/** What the commands need to find the local engines; what is set already stays. */
export function commandEnvironment(stack: Stack): NodeJS.ProcessEnv {
  const { addresses, env, secrets, settings } = stack;
  const database = inDatabase(addresses.postgresAdminUrl, DATABASE);
  return {
    KAFKAJS_NO_PARTITIONER_WARNING: '1',
    TALLYWARD_KAFKA_BROKERS: addresses.brokers.join(),
    TALLYWARD_AUDITOR_POSTGRES_URL: asRole(database, 'auditor', secrets.postgresAuditor),
    TALLYWARD_POSTGRES_URL: asRole(database, 'aggregator', secrets.postgresAggregator),
    TALLYWARD_ENTITLEMENT_POSTGRES_URL: asRole(
      database,
      'entitlement',
      secrets.postgresEntitlement,
    ),
    TALLYWARD_CLICKHOUSE_URL: addresses.clickhouseUrl,
    TALLYWARD_CLICKHOUSE_READER_URL: addresses.clickhouseReaderUrl,
    TALLYWARD_ENTITLEMENT_URL: serviceUrl(stack, settings.ports.entitlement),
    TALLYWARD_AGGREGATOR_URL: serviceUrl(stack, settings.ports.aggregator),
    TALLYWARD_INTERNAL_SECRET: secrets.internal,
    ...env,
  };
}

export interface Ended {
  readonly code: number;
  readonly stdout: string;
}

/** Whose fold it is has the command: totals are entitlement's, all else the aggregator's. */
function mainOf(name: CommandName, args: readonly string[]): { main: string; rest: string[] } {
  const [first, ...rest] = args;
  if (name === 'rebuild' && first === 'totals') {
    return { main: 'entitlement/dist/rebuild-totals/main.js', rest };
  }
  return { main: `aggregator/dist/${name}/main.js`, rest: [...args] };
}

/** Runs a command of an app; its stdout is `capture`d or goes where ours goes. */
export function runCommand(
  stack: Stack,
  name: CommandName,
  args: readonly string[],
  capture: boolean,
): Promise<Ended> {
  const { main: path, rest } = mainOf(name, args);
  const main = join(CHECKOUT, 'apps', path);
  if (!existsSync(main)) throw new Error(`${main} is not built: run "npm run build" first`);
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--enable-source-maps', main, ...rest], {
      env: commandEnvironment(stack),
      stdio: ['ignore', capture ? 'pipe' : 'inherit', 'inherit'],
    });
    const stop = (signal: NodeJS.Signals): void => void child.kill(signal);
    for (const signal of STOPPING) process.on(signal, stop);
    let stdout = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      if (stdout.length > OUTPUT_LIMIT) child.kill('SIGKILL');
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      for (const each of STOPPING) process.off(each, stop);
      if (code === null) reject(new Error(`${name} was ended by ${signal}`));
      else resolve({ code, stdout });
    });
  });
}
