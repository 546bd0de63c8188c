import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts processor time in hundredths of a second, whatever its own tick is. */
const MICROS_PER_TICK = 10_000;

/** A process whose processor time is told beside a figure; `self` is the bench. */
export type Watched = 'self' | (() => number | undefined);

/**
 * Processor time (µs) that a process used so far, its children and their dead children included;
 * undefined where the system does not tell (no /proc).
 */
export function processorMicros(watched: Watched): number | undefined {
  if (watched === 'self') {
    const { user, system } = process.cpuUsage();
    return user + system;
  }
  const pid = watched();
  return pid === undefined ? undefined : treeMicros(pid);
}

interface Stat {
  readonly parent: number;
  readonly ticks: number;
}

function treeMicros(root: number): number | undefined {
  const stats = new Map<number, Stat>();
  for (const pid of pids()) {
    const stat = statOf(pid);
    if (stat) stats.set(pid, stat);
  }
  if (!stats.has(root)) return undefined;
  let ticks = 0;
  for (const [pid, stat] of stats) if (descends(pid, root, stats)) ticks += stat.ticks;
  return ticks * MICROS_PER_TICK;
}

function pids(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

/** The name in brackets may hold spaces and brackets: what counts stands behind the last one. */
function statOf(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [, parent] = fields;
    const times = fields.slice(11, 15).map(Number);
    return { parent: Number(parent), ticks: times.reduce((sum, time) => sum + time, 0) };
  } catch {
    return undefined; // it ended meanwhile
  }
}

function descends(pid: number, root: number, stats: ReadonlyMap<number, Stat>): boolean {
  for (let at: number | undefined = pid; at; at = stats.get(at)?.parent) {
    if (at === root) return true;
  }
  return false;
}

/** Resident memory of one process in bytes; undefined where the system does not tell. */
export function residentBytes(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1]) * 1_024;
  } catch {
    return undefined;
  }
}
