import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CHECKOUT } from '../engines/checkout';
import { MissingTool } from './java';
import { isTrained, trainKafka } from './train';

const run = promisify(execFile);
const POM = join(CHECKOUT, 'infra/local/pom.xml');
const FETCH_DEADLINE_MS = 300_000;
const OUTPUT_LIMIT = 4 * 1024 * 1024;
const MESSAGE_CHARS = 1_500;

/** Kept with the checkout, whatever folder the data is in; another pom has another folder. */
export function jarsFolder(): string {
  const hash = createHash('sha256').update(readFileSync(POM)).digest('hex').slice(0, 12);
  return join(CHECKOUT, '.local', `kafka-jars-${hash}`);
}

export const haveJars = (): boolean => existsSync(jarsFolder());

/** The folder of Kafka's jars; fetched and trained the first time, which `say` tells. */
export async function kafkaJars(
  java: string,
  env: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<string> {
  const folder = jarsFolder();
  if (!existsSync(folder)) {
    say('fetching the jars of Kafka with Maven (54 MB, once)');
    await fetchJars(folder, env);
  }
  if (!isTrained(folder)) {
    say('preparing Kafka to start quickly (once)');
    await trainKafka(java, folder);
  }
  return folder;
}

/** The folder appears whole or not at all. */
async function fetchJars(folder: string, env: NodeJS.ProcessEnv): Promise<void> {
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
    if (existsSync(folder)) return; // another process was faster
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    const why = (stdout + stderr).trim().slice(0, MESSAGE_CHARS);
    throw new MissingTool(`Maven could not fetch the jars of ${POM}:\n${why || String(error)}`);
  }
}
