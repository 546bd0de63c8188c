/**
 * Where a test may end the process as kill -9 would: between two effects. `TALLYWARD_CRASH_AT=name`
 * arms one point, `name#3` its third passing. Elsewhere a point does nothing, and a process that is
 * not under test (`NODE_ENV=test`) refuses the variable as it starts.
 */
const VARIABLE = 'TALLYWARD_CRASH_AT';

interface Armed {
  readonly name: string;
  passings: number;
}

const armed = armedIn(process.env);

export function armedIn(env: NodeJS.ProcessEnv): Armed | null {
  const text = env[VARIABLE];
  if (text === undefined || text === '') return null;
  if (env.NODE_ENV !== 'test') throw new Error(`${VARIABLE} is for tests alone: unset it`);
  const [, name, passings] = /^([a-z.-]+)(?:#([1-9]\d*))?$/.exec(text) ?? [];
  if (name === undefined) throw new Error(`${VARIABLE} names no crash point: ${text}`);
  return { name, passings: Number(passings ?? 1) };
}

/** Named `<fold or slice>.<before or after>-<effect>`. */
export function crashPoint(name: string): void {
  if (armed === null || armed.name !== name) return;
  armed.passings -= 1;
  if (armed.passings === 0) process.kill(process.pid, 'SIGKILL');
}
