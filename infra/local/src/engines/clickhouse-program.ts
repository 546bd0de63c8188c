import { join } from 'node:path';
import type { Program } from '../supervisor';

const PING_DEADLINE_MS = 900;

export interface ClickhousePlace {
  readonly dataFolder: string;
  readonly bind: string;
  readonly host: string;
  readonly port: number;
  readonly loaderPassword: string;
  readonly env: NodeJS.ProcessEnv;
}

/** ClickHouse's own engine behind its HTTP interface, in a process of its own. */
export function clickhouseProgram(place: ClickhousePlace): Program {
  return {
    name: 'clickhouse',
    command: process.execPath,
    args: [join(__dirname, '../../dist/clickhouse/main.js')],
    env: {
      PATH: place.env.PATH,
      HOME: place.env.HOME,
      TZ: 'UTC',
      TALLYWARD_BIND: place.bind,
      TALLYWARD_CLICKHOUSE_PORT: String(place.port),
      TALLYWARD_CLICKHOUSE_DATA: place.dataFolder,
      TALLYWARD_CLICKHOUSE_LOADER_PASSWORD: place.loaderPassword,
    },
    ready: async () => {
      const address = `http://${place.host}:${place.port}/ping`;
      const answer = await fetch(address, { signal: AbortSignal.timeout(PING_DEADLINE_MS) });
      return answer.ok;
    },
  };
}
