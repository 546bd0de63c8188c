import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const PS_DEADLINE_MS = 2_000;

/**
 * What tells a process from a later one that was given the same pid: the boot and the instant it
 * was started. Undefined when no such process lives. A pid alone must never be killed.
 */
export function birthOf(pid: number): string | undefined {
  if (process.platform === 'linux') return birthFromProc(pid);
  try {
    const args = ['-o', 'stat=,lstart=', '-p', String(pid)];
    const line = execFileSync('ps', args, { timeout: PS_DEADLINE_MS }).toString().trim();
    return line === '' || line.startsWith('Z') ? undefined : line.replace(/^\S+\s+/, '');
  } catch {
    return undefined; // ps ends with 1 when there is no such process
  }
}

function birthFromProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command may hold spaces and brackets: fields are counted from its last bracket.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot}:${fields[19]}`;
  } catch {
    return undefined;
  }
}

export interface Known {
  readonly name: string;
  readonly pid: number;
  readonly birth: string;
}

export const isAlive = (known: Known): boolean => birthOf(known.pid) === known.birth;

/** Signals the whole group of a process that leads one, so that no worker of it stays behind. */
export function signal(pid: number, name: NodeJS.Signals, group: boolean): void {
  try {
    process.kill(group ? -pid : pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
