import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Supervisor, type Addresses, type Secrets } from '@tallyward/local';
import { bringUp } from './bring-up';

/**
 * The variable by which jest's workers find the engines that its parent started. A program that
 * runs jest many times sets it for all of them, and keeps the engines up itself.
 */
export const TESTBED_VARIABLE = 'TALLYWARD_TESTBED';

export interface SharedEngines {
  readonly directory: string;
  readonly addresses: Addresses;
  readonly secrets: Secrets;
}

interface Held {
  readonly supervisor: Supervisor;
  readonly directory: string;
  users: number;
}

// On the global object: jest loads this module once per project that asks for engines.
const held = globalThis as typeof globalThis & { tallywardEngines?: Promise<Held> };

/** Jest's global setup: one set of engines per run, whichever projects of it need them. */
export async function enginesUp(): Promise<void> {
  if (!held.tallywardEngines && process.env[TESTBED_VARIABLE]) return;
  held.tallywardEngines ??= start();
  (await held.tallywardEngines).users++;
}

/** Jest's global teardown. Keeps the logs of a run that failed and says where. */
export async function enginesDown(): Promise<void> {
  const engines = await held.tallywardEngines;
  if (!engines || --engines.users > 0) return;
  held.tallywardEngines = undefined;
  await engines.supervisor.stop();
  delete process.env[TESTBED_VARIABLE];
  if (process.env.TALLYWARD_SPECS_FAILED === 'yes') {
    process.stderr.write(`\nThe engines' logs are kept in ${join(engines.directory, 'logs')}\n`);
    for (const data of ['kafka', 'postgres', 'clickhouse']) drop(join(engines.directory, data));
  } else {
    drop(engines.directory);
  }
}

async function start(): Promise<Held> {
  const directory = temporaryFolder();
  const { supervisor, addresses, secrets } = await bringUp({
    directory,
    env: process.env,
    say: (line) => process.stderr.write(`engines: ${line}\n`),
  });
  const shared: SharedEngines = { directory, addresses, secrets };
  process.env[TESTBED_VARIABLE] = JSON.stringify(shared);
  return { supervisor, directory, users: 0 };
}

export function sharedEngines(): SharedEngines {
  const text = process.env[TESTBED_VARIABLE];
  if (!text) {
    throw new Error(
      'No engines are up: specs on real engines are named *.int.spec.ts or *.e2e.spec.ts.',
    );
  }
  return JSON.parse(text) as SharedEngines;
}

/** Mode 0755, so that the user Postgres runs as can enter it when this is root. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tallyward-specs-'));
  chmodSync(folder, 0o755);
  return folder;
}

export const drop = (folder: string): void => rmSync(folder, { recursive: true, force: true });
