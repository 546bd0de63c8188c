import { appendFileSync, readFileSync } from 'node:fs';

/**
 * Where a test may end the process as kill -9 would: between two effects. `TALLYWARD_CRASH_AT=name`
 * arms one point, `name#3` its third passing. Elsewhere a point does nothing, and a process that is
 * not under test (`NODE_ENV=test`) refuses the variable as it starts.
 *
 * `TALLYWARD_CRASH_AT=@file` reads the point from that file each time, so that a running process is
 * armed, and `a,b` in it arms first the one and, in the next life of the process, the other. Each
 * death adds the point's name to `file.deaths`: the test sees that it was reached, and a process
 * that its supervisor starts again does not die there for ever.
 */
const VARIABLE = 'TALLYWARD_CRASH_AT';
const DEATHS = '.deaths';

export interface Armed {
  readonly name: string;
  readonly passing: number;
}

type Arming = (() => Armed | null) | null;

const arming = armingIn(process.env);
const passed = new Map<string, number>();

/** What is armed, asked at each point; null: nothing ever. */
export function armingIn(env: NodeJS.ProcessEnv): Arming {
  const text = env[VARIABLE];
  if (text === undefined || text === '') return null;
  if (env.NODE_ENV !== 'test') throw new Error(`${VARIABLE} is for tests alone: unset it`);
  if (text.startsWith('@')) return () => inFile(text.slice(1));
  const armed = pointOf(text);
  return () => armed;
}

function inFile(file: string): Armed | null {
  const points = textOf(file).trim();
  if (points === '') return null;
  const deaths = textOf(file + DEATHS).split('\n').length - 1;
  const next = points.split(',')[deaths];
  return next === undefined ? null : pointOf(next);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // nothing is armed, or nobody has died yet
  }
}

function pointOf(text: string): Armed {
  const [, name, passing] = /^([a-z.-]+)(?:#([1-9]\d*))?$/.exec(text) ?? [];
  if (name === undefined) throw new Error(`${VARIABLE} names no crash point: ${text}`);
  return { name, passing: Number(passing ?? 1) };
}

/** Named `<fold or slice>.<before or after>-<effect>`. */
export function crashPoint(name: string): void {
  if (arming === null) return;
  const armed = arming();
  if (armed?.name !== name) return;
  const times = (passed.get(name) ?? 0) + 1;
  passed.set(name, times);
  if (times < armed.passing) return;
  const where = process.env[VARIABLE] ?? '';
  if (where.startsWith('@')) appendFileSync(where.slice(1) + DEATHS, `${name}\n`);
  process.kill(process.pid, 'SIGKILL');
}
