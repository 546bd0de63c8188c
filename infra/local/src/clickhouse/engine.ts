import { join } from 'node:path';
import type { Program } from '../supervisor';

export interface ClickHouseEngine {
  readonly bind: string;
  readonly port: number;
  readonly dataFolder: string;
  readonly loaderPassword: string;
  /** Empty for the local default: `reader` then needs none. */
  readonly readerPassword?: string;
  readonly env: NodeJS.ProcessEnv;
}

const PING_WITHIN_MS = 1_000;
const ANY_INTERFACE = new Set(['0.0.0.0', '::']);

/** From `src` (specs) and from `dist` alike: what is spawned is always the built script. */
const script = join(__dirname, '..', '..', 'dist', 'clickhouse', 'main.js');

/**
 * How to run the ClickHouse server as a process of its own. Its script must be built
 * (`tsc -b infra/local`); the environment is the whole of what it reads.
 */
export function clickhouseEngine(options: ClickHouseEngine): Program {
  const host = ANY_INTERFACE.has(options.bind) ? '127.0.0.1' : options.bind;
  return {
    name: 'clickhouse',
    command: process.execPath,
    args: [script],
    env: {
      PATH: options.env.PATH,
      HOME: options.env.HOME,
      LANG: options.env.LANG,
      TZ: options.env.TZ,
      TALLYWARD_BIND: options.bind,
      TALLYWARD_CLICKHOUSE_PORT: `${options.port}`,
      TALLYWARD_CLICKHOUSE_DATA: options.dataFolder,
      TALLYWARD_CLICKHOUSE_LOADER_PASSWORD: options.loaderPassword,
      TALLYWARD_CLICKHOUSE_READER_PASSWORD: options.readerPassword ?? '',
    },
    async ready() {
      const signal = AbortSignal.timeout(PING_WITHIN_MS);
      const answer = await fetch(`http://${host}:${options.port}/ping`, { signal });
      return answer.ok;
    },
  };
}
