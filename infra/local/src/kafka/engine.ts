import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Program } from '../supervisor';
import { kafkaServes } from './probe';
import { ANY_INTERFACE, kafkaSettings, type KafkaPlace } from './settings';

const run = promisify(execFile);
const HEAP_MB = 512;
const FORMAT_DEADLINE_MS = 60_000;

export interface KafkaEngine extends KafkaPlace {
  readonly java: string;
  readonly jars: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Apache Kafka from its jars. The data folder is formatted once, its cluster id kept in it. */
export function kafkaEngine(options: KafkaEngine): Program {
  const settingsFile = join(options.dataFolder, '..', 'kafka.properties');
  const jvm = [
    '-cp',
    join(options.jars, '*'),
    // warn: Kafka prints its whole configuration at info, at every start
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
    '-Dorg.slf4j.simpleLogger.showDateTime=true',
    '-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS',
    '-Djava.awt.headless=true',
  ];
  const env = { PATH: options.env.PATH, HOME: options.env.HOME, LANG: options.env.LANG };
  return {
    name: 'kafka',
    command: options.java,
    args: [
      ...['-Xms128m', `-Xmx${HEAP_MB}m`, '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20'],
      ...['-XX:+ExitOnOutOfMemoryError', ...jvm, 'kafka.Kafka', settingsFile],
    ],
    env,
    async prepare() {
      mkdirSync(options.dataFolder, { recursive: true });
      writeFileSync(settingsFile, kafkaSettings(options));
      if (existsSync(join(options.dataFolder, 'meta.properties'))) return;
      const cluster = randomBytes(16).toString('base64url');
      const args = [...jvm, 'kafka.tools.StorageTool', 'format', '-t', cluster];
      await run(options.java, ['-XX:TieredStopAtLevel=1', ...args, '-c', settingsFile], {
        env,
        timeout: FORMAT_DEADLINE_MS,
      });
    },
    ready: () =>
      kafkaServes(ANY_INTERFACE.has(options.bind) ? '127.0.0.1' : options.bind, options.port),
  };
}
