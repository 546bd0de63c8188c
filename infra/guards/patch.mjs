// Takes one guard out of the scratch copy and puts it back.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtPath, compiled } from './compile.mjs';

/** The text of the guard's file without the guard; throws where the guard isn't to be found. */
export function withoutGuard({ name, file, find, put }, text) {
  const times = text.split(find).length - 1;
  if (times !== 1) {
    throw new Error(
      `${name}: its text stands ${times} times in ${file}, not once. The guard moved: mend the table.`,
    );
  }
  if (find === put) throw new Error(`${name}: nothing is taken out`);
  return text.replace(find, () => put);
}

/**
 * Takes the guard out of the source, which specs run, and of what is built of it, which services
 * run; answers how to put it back. Types are not looked at: what a guard used may be left over.
 */
export function takeOut(root, guard) {
  const source = join(root, guard.file);
  const built = builtPath(source);
  const before = [source, built].map((path) => [path, readFileSync(path, 'utf8')]);
  const text = withoutGuard(guard, before[0][1]);
  writeFileSync(source, text);
  writeFileSync(built, compiled(root, guard.file, text));
  return () => before.forEach(([path, was]) => writeFileSync(path, was));
}
