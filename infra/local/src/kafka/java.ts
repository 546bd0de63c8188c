import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
export const OLDEST_JAVA = 17;
const VERSION_DEADLINE_MS = 20_000;

/** What is missing on this machine, said so that a person can do something about it. */
export class MissingTool extends Error {}

/** The java to run, or a `MissingTool`. JAVA_HOME wins over PATH, as everywhere. */
export async function findJava(env: NodeJS.ProcessEnv): Promise<string> {
  const java = env.JAVA_HOME ? join(env.JAVA_HOME, 'bin', 'java') : 'java';
  const where = env.JAVA_HOME ? `at JAVA_HOME=${env.JAVA_HOME}` : 'on the PATH';
  const need = `Tallyward's local Kafka needs Java ${OLDEST_JAVA} or newer`;
  const cure = `Install a JDK or JRE (such as Eclipse Temurin ${OLDEST_JAVA}), or point TALLYWARD_KAFKA_BROKERS to a Kafka of your own.`;
  const text = await run(java, ['-version'], { env, timeout: VERSION_DEADLINE_MS }).then(
    ({ stdout, stderr }) => stderr + stdout,
    () => undefined,
  );
  if (text === undefined) throw new MissingTool(`${need}, and there is no java ${where}. ${cure}`);
  const major = javaMajor(text);
  if (major === undefined || major < OLDEST_JAVA) {
    throw new MissingTool(`${need}; the java ${where} is ${major ?? 'unknown'}. ${cure}`);
  }
  return java;
}

/** "1.8.0_292" is 8, "17.0.15" is 17, "25-ea" is 25. */
export function javaMajor(text: string): number | undefined {
  const found = /version "(?:1\.)?(\d+)/.exec(text);
  return found ? Number(found[1]) : undefined;
}

export async function assertMaven(env: NodeJS.ProcessEnv): Promise<void> {
  try {
    await run('mvn', ['-v'], { env, timeout: VERSION_DEADLINE_MS });
  } catch {
    throw new MissingTool(
      'Tallyward fetches the jars of its local Kafka with Maven, and there is no mvn on the PATH. Install Maven 3.6 or newer (Debian: apt install maven; macOS: brew install maven), or point TALLYWARD_KAFKA_BROKERS to a Kafka of your own.',
    );
  }
}
