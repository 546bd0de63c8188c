import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Program } from '../supervisor';
import { kafkaServes } from './probe';
import { format, jvmArguments } from './train';
import { ANY_INTERFACE, kafkaSettings, type KafkaPlace } from './settings';

const HEAP_MB = 512;

export interface KafkaEngine extends KafkaPlace {
  readonly java: string;
  readonly jars: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Apache Kafka from its jars. The data folder is formatted once, its cluster id kept in it. */
export function kafkaEngine(options: KafkaEngine): Program {
  const settingsFile = join(options.dataFolder, '..', 'kafka.properties');
  const env = { PATH: options.env.PATH, HOME: options.env.HOME, LANG: options.env.LANG };
  return {
    name: 'kafka',
    command: options.java,
    args: [
      ...['-Xms128m', `-Xmx${HEAP_MB}m`, '-XX:+ExitOnOutOfMemoryError'],
      ...[...jvmArguments(options.jars), 'kafka.Kafka', settingsFile],
    ],
    env,
    async prepare() {
      mkdirSync(options.dataFolder, { recursive: true });
      writeFileSync(settingsFile, kafkaSettings(options));
      if (existsSync(join(options.dataFolder, 'meta.properties'))) return;
      await format(options.java, options.jars, settingsFile);
    },
    ready: () =>
      kafkaServes(ANY_INTERFACE.has(options.bind) ? '127.0.0.1' : options.bind, options.port),
  };
}
