// Makes what services run of the copy's source: file by file, without looking at types, in seconds.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const swc = createRequire(import.meta.url)('@swc/core');

/** Where the compiled file of a source file lies. */
export const builtPath = (source) => source.replace('/src/', '/dist/').replace(/\.ts$/, '.js');

/** As jest compiles what specs run; decorators carry the types that injection goes by. */
const OPTIONS = {
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
    keepClassNames: true,
  },
  module: { type: 'commonjs', ignoreDynamic: true },
  swcrc: false,
};

/** The JavaScript of a source file as it would read with this text; throws where it is no code. */
export function compiled(root, file, text) {
  return swc.transformSync(text, { ...OPTIONS, cwd: root, filename: join(root, file) }).code;
}

/** Compiles every workspace of the copy. */
export function compileAll(root) {
  for (const kind of ['apps', 'libs', 'infra']) {
    for (const name of readdirSync(join(root, kind))) compileFolder(root, join(kind, name, 'src'));
  }
}

function compileFolder(root, folder) {
  let entries;
  try {
    entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
  } catch {
    return; // no workspace: it has no source
  }
  for (const entry of entries) {
    const source = join(entry.parentPath ?? entry.path, entry.name);
    const target = builtPath(source);
    if (!entry.isFile()) continue;
    mkdirSync(dirname(target), { recursive: true });
    if (source.endsWith('.json')) copyFileSync(source, target);
    if (!source.endsWith('.ts') || source.endsWith('.d.ts')) continue;
    writeFileSync(
      target,
      compiled(root, source.slice(root.length + 1), readFileSync(source, 'utf8')),
    );
  }
}
