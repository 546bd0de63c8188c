import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chownSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Postgres refuses to run as root. Root's Postgres runs as `postgres` where that user exists, else
 * as `nobody`, which exists everywhere; nothing is added to the machine's users.
 */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
}

const CANDIDATES = ['postgres', 'nobody'];
const CHECK_DEADLINE_MS = 10_000;

/** Undefined when this process isn't root: Postgres then runs as whoever started it. */
export function runAs(): RunAs | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const name of CANDIDATES) {
    const user = users.find((fields) => fields[0] === name);
    if (user) return { uid: Number(user[2]), gid: Number(user[3]) };
  }
  throw new Error(`As root, Postgres has to run as another user: add one named ${CANDIDATES[0]}.`);
}

/** Asks the system itself: only it knows of modes, groups and access lists along the whole path. */
export function canEnter(folder: string, user: RunAs): boolean {
  const options = { ...user, cwd: '/', timeout: CHECK_DEADLINE_MS, env: {} };
  return spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], options).status === 0;
}

/**
 * A folder the user can enter that stays the same for this one: next to it where that works, else
 * under /var/lib or the temporary folder (a checkout in root's home has mode 0700 above it).
 */
export function reachable(folder: string, user: RunAs | undefined): string {
  if (!user) return folder;
  mkdirSync(folder, { recursive: true });
  if (canEnter(folder, user)) return folder;
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  for (const parent of ['/var/lib', tmpdir()]) {
    const elsewhere = join(parent, `tallyward-${name}`);
    try {
      mkdirSync(elsewhere, { recursive: true, mode: 0o755 });
      if (canEnter(elsewhere, user)) return elsewhere;
    } catch {
      // read-only: the next parent
    }
  }
  throw new Error(`The user Postgres runs as (uid ${user.uid}) can enter no folder for its data.`);
}

/** A copy of `from` for a user who can't enter it; made once, whole or not at all. */
export function copyOnce(from: string, to: string): void {
  if (existsSync(to)) return;
  const half = `${to}.${process.pid}.half`;
  cpSync(from, half, { recursive: true, verbatimSymlinks: true });
  renameSync(half, to);
}

export function give(folder: string, user: RunAs | undefined): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (user) chownSync(folder, user.uid, user.gid);
}
