// The processes of a run, each in a group of its own, so that an end takes its children along.
import { execFileSync, spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

/** How long a group that was asked to end is waited for. */
const END_WITHIN_MS = 15_000;
/** How long what it started, and a watchdog of its own ends, is waited for. */
const LEFT_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 200;
const OUTPUT_CHARS = 4_000;

const running = new Set();
let isStopping = false;

/** The run was interrupted: nothing further is begun. */
export class Interrupted extends Error {}

/** Runs a program to its end; answers its code (null: it was ended) and the end of its output. */
export function run(command, args, { cwd, env, withinMs }) {
  if (isStopping) return Promise.reject(new Interrupted());
  return new Promise((resolve, reject) => {
    const stdio = ['ignore', 'pipe', 'pipe'];
    const child = spawn(command, args, { cwd, env, stdio, detached: true });
    running.add(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text) => (output = (output + text).slice(-OUTPUT_CHARS)));
    }
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      void end(child);
    }, withinMs);
    const over = () => {
      clearTimeout(timer);
      running.delete(child);
    };
    child.once('error', (error) => {
      over();
      reject(error);
    });
    child.once('exit', (code) => {
      over();
      if (isStopping) reject(new Interrupted());
      else resolve({ code, late, output });
    });
  });
}

/** Ends whatever runs, and lets nothing begin any more; resolves when it is gone. */
export async function endAll() {
  isStopping = true;
  await Promise.all([...running].map(end));
}

async function end(child) {
  signalGroup(child.pid, 'SIGTERM');
  const until = Date.now() + END_WITHIN_MS;
  while (child.exitCode === null && child.signalCode === null && Date.now() < until) {
    await pause(LOOK_EVERY_MS);
  }
  signalGroup(child.pid, 'SIGKILL');
}

function signalGroup(pid, name) {
  try {
    process.kill(-pid, name);
  } catch {
    // ESRCH: it has ended by itself.
  }
}

/**
 * Waits until no process has the folder in its command line, and ends those that stay: engines and
 * services of a test that was cut off are ended by the watchdog of their supervisor, in its time.
 */
export async function nobodyLeftIn(folder) {
  const until = Date.now() + LEFT_WITHIN_MS;
  let left = usersOf(folder);
  while (left.length > 0 && Date.now() < until) {
    await pause(LOOK_EVERY_MS);
    left = usersOf(folder);
  }
  for (const pid of left) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // ESRCH: it has ended by itself.
    }
  }
}

function usersOf(folder) {
  const lines = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).split('\n');
  return lines
    .filter((line) => line.includes(folder))
    .map((line) => Number.parseInt(line, 10))
    .filter((pid) => pid !== process.pid);
}
