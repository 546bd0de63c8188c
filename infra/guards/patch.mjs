// Takes one guard out of the scratch copy and puts it back.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const ts = createRequire(import.meta.url)('typescript');

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
  const built = source.replace('/src/', '/dist/').replace(/\.ts$/, '.js');
  if (!existsSync(built)) throw new Error(`${guard.name}: ${built} is not built`);
  const before = [source, built].map((path) => [path, readFileSync(path, 'utf8')]);
  const text = withoutGuard(guard, before[0][1]);
  writeFileSync(source, text);
  writeFileSync(built, compiled(root, guard, text));
  return () => before.forEach(([path, was]) => writeFileSync(path, was));
}

function compiled(root, { name, file }, text) {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile);
  const { target, esModuleInterop, experimentalDecorators, emitDecoratorMetadata } =
    config.compilerOptions;
  const compilerOptions = {
    ...{ target, esModuleInterop, experimentalDecorators, emitDecoratorMetadata },
    module: 'commonjs',
  };
  const result = ts.transpileModule(text, {
    fileName: join(root, file),
    reportDiagnostics: true,
    compilerOptions: ts.convertCompilerOptionsFromJson(compilerOptions, root).options,
  });
  const [wrong] = result.diagnostics ?? [];
  if (wrong) {
    const why = ts.flattenDiagnosticMessageText(wrong.messageText, '\n');
    throw new Error(`${name}: ${file} does not compile without the guard: ${why}`);
  }
  return result.outputText;
}
