// A copy of the checkout, built, in which guards are taken out: the checkout itself is never touched.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';

const CHECKOUT = resolve(import.meta.dirname, '../..');
const LIST_BYTES = 16 * 1024 * 1024;
/** What is tracked and no test reads. */
const NOT_COPIED = /^(infra\/guards|\.ci)\//;

/**
 * Makes the copy, with node_modules that lead into it: of the tracked files as they stand now, or
 * (`head`) of the last commit, for when others are at work on them.
 */
export function makeScratch({ head }) {
  const root = mkdtempSync(join(realpathSync(tmpdir()), 'tallyward-guards-'));
  try {
    chmodSync(root, 0o755); // Postgres runs as another user when this is root
    const files = head ? copyCommit(root) : copyTracked(root);
    linkModules(root, files);
    linkJars(root);
    // Whatever the tests put into the folder for temporary files goes with the copy.
    mkdirSync(join(root, 'tmp'));
    chmodSync(join(root, 'tmp'), 0o1777);
    return root;
  } catch (error) {
    rmSync(root, { recursive: true, force: true });
    throw error;
  }
}

function copyTracked(root) {
  const files = listed('ls-files', '-z').filter((file) => existsSync(join(CHECKOUT, file)));
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    copyFileSync(join(CHECKOUT, file), join(root, file));
  }
  return files;
}

function copyCommit(root) {
  const archive = join(root, 'commit.tar');
  execFileSync('git', ['-C', CHECKOUT, 'archive', '--format=tar', '-o', archive, 'HEAD']);
  execFileSync('tar', ['-xf', archive, '-C', root]);
  rmSync(archive);
  return listed('ls-tree', '-r', '-z', '--name-only', 'HEAD');
}

function listed(...args) {
  const how = { encoding: 'utf8', maxBuffer: LIST_BYTES };
  const list = execFileSync('git', ['-C', CHECKOUT, ...args], how).split('\0');
  return list.filter((file) => file !== '' && !NOT_COPIED.test(file));
}

/**
 * Packages from elsewhere are links to what is installed; the workspace's own lead into the copy,
 * else the tests would run the checkout's code.
 */
function linkModules(root, files) {
  const installed = realpathSync(join(CHECKOUT, 'node_modules'));
  const modules = join(root, 'node_modules');
  mkdirSync(modules);
  const own = files
    .filter((file) => basename(file) === 'package.json' && dirname(file) !== '.')
    .map((file) => {
      const { name } = JSON.parse(readFileSync(join(root, file), 'utf8'));
      return { name, folder: join(root, dirname(file)) };
    });
  const scopes = new Set(own.map(({ name }) => name.split('/')[0]));
  for (const entry of readdirSync(installed)) {
    if (!scopes.has(entry)) symlinkSync(join(installed, entry), join(modules, entry));
  }
  for (const { name, folder } of own) {
    const link = join(modules, name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(relative(dirname(link), folder), link);
    const nested = join(CHECKOUT, relative(root, folder), 'node_modules');
    if (existsSync(nested)) symlinkSync(nested, join(folder, 'node_modules'));
  }
}

/** Kafka's jars were fetched for the checkout; the copy need not fetch them again. */
function linkJars(root) {
  const local = join(CHECKOUT, '.local');
  if (!existsSync(local)) return;
  mkdirSync(join(root, '.local'));
  for (const entry of readdirSync(local)) {
    if (/^kafka-jars-\w+$/.test(entry))
      symlinkSync(join(local, entry), join(root, '.local', entry));
  }
}
