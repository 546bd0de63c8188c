import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

export type Asked =
  | { readonly kind: 'run'; readonly names: readonly string[]; readonly seed: number }
  | { readonly kind: 'help' }
  | { readonly kind: 'refused'; readonly why: string };

const SEEDS = 2 ** 31;

export const USAGE = `npm run chaos [-- NAME ...] [--seed N]

Kills services and engines under load and takes engines away, on engines of its own, and compares
what was acked with what is counted. Without a name: everything, about half an hour.
NAME      these rows alone; a name's first part stands for all that begin with it
--seed N  the same events again (each run prints its own)

Ends with 0 when nothing was lost, doubled or unequal and every control came out red; else with 1;
with 2 when it could not be run as asked.`;

/** `known`: names of rows, such as totals.after-keys; `totals` stands for all of its kind. */
export function asked(args: readonly string[], known: readonly string[]): Asked {
  let read;
  try {
    const options = { seed: { type: 'string' }, help: { type: 'boolean' } } as const;
    read = parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (error) {
    return { kind: 'refused', why: (error as Error).message };
  }
  const { values, positionals } = read;
  if (values.help) return { kind: 'help' };
  const seed = values.seed === undefined ? randomInt(SEEDS) : Number(values.seed);
  if (!Number.isSafeInteger(seed) || seed < 0) {
    return { kind: 'refused', why: `--seed takes a whole number, not ${values.seed}` };
  }
  const begins = (name: string, start: string): boolean =>
    name === start || name.startsWith(`${start}.`);
  const strange = positionals.filter((start) => !known.some((name) => begins(name, start)));
  if (strange.length > 0) {
    const names = known.map((name) => `  ${name}`).join('\n');
    return { kind: 'refused', why: `There is no ${strange.join(', ')}. There are:\n${names}` };
  }
  const isAsked = (name: string): boolean =>
    positionals.length === 0 || positionals.some((start) => begins(name, start));
  return { kind: 'run', names: known.filter(isAsked), seed };
}
