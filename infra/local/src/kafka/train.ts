import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../engines/ports';
import { kafkaServes } from './probe';
import { kafkaSettings } from './settings';

const run = promisify(execFile);
const TRAIN_DEADLINE_MS = 120_000;
const POLL_MS = 50;

/** The loaded classes of a Kafka that once ran, in the folder of its jars. */
export const archiveOf = (jars: string): string => join(jars, 'classes.jsa');

/** Stands where a JVM could not write an archive, so that it isn't asked at every start. */
const noArchive = (jars: string): string => join(jars, 'classes.none');

export const isTrained = (jars: string): boolean =>
  existsSync(archiveOf(jars)) || existsSync(noArchive(jars));

/**
 * What every JVM of ours is started with. Half of a Kafka's start is loading classes and most of
 * the rest is compiling them twice: with the archive and the quick compiler alone it takes 2.6 s
 * of CPU instead of 9, which a two-core machine feels after every kill -9.
 */
export function jvmArguments(jars: string): string[] {
  const archive = archiveOf(jars);
  return [
    ...['-XX:TieredStopAtLevel=1', '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20'],
    ...(existsSync(archive) ? [`-XX:SharedArchiveFile=${archive}`] : []),
    ...['-cp', join(jars, '*')],
    // warn: Kafka prints its whole configuration at info, at every start
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
    '-Dorg.slf4j.simpleLogger.showDateTime=true',
    '-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS',
    '-Djava.awt.headless=true',
  ];
}

/**
 * Runs an empty Kafka once, long enough to be ready, and has the JVM write down its classes. A JVM
 * that can't (another vendor, a full disk) leaves no archive: Kafka then just starts slower.
 */
export async function trainKafka(java: string, jars: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tallyward-kafka-'));
  const settings = join(folder, 'kafka.properties');
  const port = await freePort();
  const place = { bind: '127.0.0.1', advertised: '127.0.0.1', port };
  try {
    const more = { dataFolder: join(folder, 'data'), controllerPort: await freePort() };
    writeFileSync(settings, kafkaSettings({ ...place, ...more }));
    await format(java, jars, settings);
    await runOnce(java, jars, settings, port);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function format(java: string, jars: string, settings: string): Promise<void> {
  const id = randomBytes(16);
  id[0] = 0; // an id that begins with a dash would be taken for an option
  const tool = ['kafka.tools.StorageTool', 'format', '-t', id.toString('base64url')];
  await run(java, [...jvmArguments(jars), ...tool, '-c', settings], { timeout: TRAIN_DEADLINE_MS });
}

async function runOnce(java: string, jars: string, settings: string, port: number): Promise<void> {
  const half = `${archiveOf(jars)}.${process.pid}.half`;
  const args = [`-XX:ArchiveClassesAtExit=${half}`, ...jvmArguments(jars)];
  const kafka = spawn(java, [...args, 'kafka.Kafka', settings], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => {
    kafka.once('exit', () => resolve());
    kafka.once('error', () => resolve());
  });
  const late = setTimeout(() => kafka.kill('SIGKILL'), TRAIN_DEADLINE_MS);
  while (kafka.exitCode === null && kafka.signalCode === null) {
    if (await kafkaServes('127.0.0.1', port)) break;
    await pause(POLL_MS);
  }
  kafka.kill('SIGTERM');
  await ended;
  clearTimeout(late);
  // 143 is the JVM's code after a SIGTERM that it obeyed to the end.
  if (kafka.exitCode === 143 && existsSync(half)) renameSync(half, archiveOf(jars));
  else writeFileSync(noArchive(jars), '');
}
