import { appendFileSync, readFileSync } from 'node:fs';

/**
 * Where a test may end the process as kill -9 would: between two effects. `TALLYWARD_CRASH_AT=name`
 * arms one point, `name#3` its third passing, `a,b` first the one and, in the next life of the
 * process, the other. Elsewhere a point does nothing, and a process that is not under test
 * (`NODE_ENV=test`) refuses the variable as it starts.
 *
 * `TALLYWARD_CRASH_MARK=file` gets a line with the name at each death: so a test knows that the
 * point was reached, and a process that its supervisor starts again does not die there for ever.
 */
const VARIABLE = 'TALLYWARD_CRASH_AT';
const MARK = 'TALLYWARD_CRASH_MARK';

interface Armed {
  readonly name: string;
  passings: number;
}

const armed = armedIn(process.env);

export function armedIn(env: NodeJS.ProcessEnv): Armed | null {
  const text = env[VARIABLE];
  if (text === undefined || text === '') return null;
  if (env.NODE_ENV !== 'test') throw new Error(`${VARIABLE} is for tests alone: unset it`);
  const points = text.split(',').map((point) => pointOf(point, text));
  return points[deaths(env[MARK])] ?? null;
}

function pointOf(point: string, text: string): Armed {
  const [, name, passings] = /^([a-z.-]+)(?:#([1-9]\d*))?$/.exec(point) ?? [];
  if (name === undefined) throw new Error(`${VARIABLE} names no crash point: ${text}`);
  return { name, passings: Number(passings ?? 1) };
}

/** How often this process has died at a point before. */
function deaths(mark: string | undefined): number {
  if (mark === undefined) return 0;
  try {
    return readFileSync(mark, 'utf8').split('\n').length - 1;
  } catch {
    return 0; // not yet: the first death makes the file
  }
}

/** Named `<fold or slice>.<before or after>-<effect>`. */
export function crashPoint(name: string): void {
  if (armed === null || armed.name !== name) return;
  armed.passings -= 1;
  if (armed.passings > 0) return;
  const mark = process.env[MARK];
  if (mark !== undefined) appendFileSync(mark, `${name}\n`);
  process.kill(process.pid, 'SIGKILL');
}
