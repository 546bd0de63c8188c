import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CHECKOUT } from '../engines/checkout';
import { assertMaven, MissingTool } from './java';

const run = promisify(execFile);
const POM = join(CHECKOUT, 'infra/local/pom.xml');
const FETCH_DEADLINE_MS = 300_000;
const OUTPUT_LIMIT = 4 * 1024 * 1024;
const MESSAGE_CHARS = 1_500;

/** Where the jars of this pom lie once fetched; another pom has another folder. */
export function jarsFolder(directory: string): string {
  const hash = createHash('sha256').update(readFileSync(POM)).digest('hex').slice(0, 12);
  return join(directory, `kafka-jars-${hash}`);
}

export const haveJars = (directory: string): boolean => existsSync(jarsFolder(directory));

/** Fetches the jars with Maven unless they are there. The folder appears whole or not at all. */
export async function fetchJars(directory: string, env: NodeJS.ProcessEnv): Promise<string> {
  const folder = jarsFolder(directory);
  if (existsSync(folder)) return folder;
  await assertMaven(env);
  const half = `${folder}.${process.pid}.half`;
  const args = [
    ...['-q', '-B', '-f', POM, 'dependency:copy-dependencies'],
    ...[`-DoutputDirectory=${half}`, '-DincludeScope=runtime'],
  ];
  try {
    await run('mvn', args, { env, timeout: FETCH_DEADLINE_MS, maxBuffer: OUTPUT_LIMIT });
    renameSync(half, folder);
  } catch (error) {
    rmSync(half, { recursive: true, force: true });
    if (existsSync(folder)) return folder; // another process was faster
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    const why = (stdout + stderr).trim().slice(0, MESSAGE_CHARS);
    throw new MissingTool(`Maven could not fetch the jars of ${POM}:\n${why || String(error)}`);
  }
  return folder;
}
