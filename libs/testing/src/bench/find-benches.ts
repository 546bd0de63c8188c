import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from './bench';

const ENDING = '.bench.js';
const MEMBERS = ['apps', 'libs', 'infra'];

/** Every bench that is built, in order of its file. Two of one name are refused. */
export async function findBenches(checkout: string): Promise<Map<string, Bench>> {
  const found = new Map<string, Bench>();
  for (const file of MEMBERS.flatMap((folder) => benchFiles(join(checkout, folder)))) {
    const { benches } = (await import(file)) as { benches: readonly Bench[] };
    for (const bench of benches) {
      if (found.has(bench.name)) throw new Error(`two benches are called ${bench.name}`);
      found.set(bench.name, bench);
    }
  }
  return found;
}

function benchFiles(folder: string): string[] {
  const files: string[] = [];
  for (const project of readdirSync(folder)) {
    const dist = join(folder, project, 'dist');
    files.push(...filesUnder(dist).map((file) => join(dist, file)));
  }
  return files.sort();
}

function filesUnder(dist: string): string[] {
  try {
    const all = readdirSync(dist, { recursive: true, encoding: 'utf8' });
    return all.filter((file) => file.endsWith(ENDING));
  } catch {
    return []; // not built, or nothing to build
  }
}

export type Asked =
  | { readonly kind: 'benches'; readonly benches: readonly Bench[] }
  | { readonly kind: 'unknown'; readonly detail: string };

/** All of them when no name is given. */
export function benchesAsked(found: ReadonlyMap<string, Bench>, names: readonly string[]): Asked {
  const unknown = names.filter((name) => !found.has(name));
  if (unknown.length > 0) {
    const known = [...found.values()].map(({ name, about }) => `  ${name.padEnd(12)} ${about}`);
    const which = unknown.map((name) => `"${name}"`).join(', ');
    return {
      kind: 'unknown',
      detail: `There is no bench ${which}. There are:\n${known.join('\n')}`,
    };
  }
  const asked = names.length === 0 ? [...found.keys()] : [...new Set(names)];
  return { kind: 'benches', benches: asked.flatMap((name) => found.get(name) ?? []) };
}
