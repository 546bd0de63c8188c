import { z } from 'zod';
import { LIMITS, type Limits } from './limits';

const port = z.coerce.number().int().min(1).max(65_535);

const whole = (least: number, most: number, unset: number) =>
  z.coerce.number().int().min(least).max(most).default(unset);

const shape = z.object({
  TALLYWARD_BIND: z.string().min(1).default('127.0.0.1'),
  TALLYWARD_CLICKHOUSE_PORT: port.default(8123),
  TALLYWARD_CLICKHOUSE_DATA: z.string().min(1),
  TALLYWARD_CLICKHOUSE_LOADER_PASSWORD: z.string().min(1),
  TALLYWARD_CLICKHOUSE_READER_PASSWORD: z.string().default(''),
  TALLYWARD_CLICKHOUSE_MAX_EXECUTION_SECONDS: whole(1, 86_400, LIMITS.maxExecutionSeconds),
  TALLYWARD_CLICKHOUSE_WEDGED_AFTER_MS: whole(0, 3_600_000, LIMITS.wedgedAfterMs),
});

export interface ServerConfig {
  readonly bind: string;
  readonly port: number;
  readonly dataFolder: string;
  readonly loaderPassword: string;
  /** Empty: `reader` needs none, as in the local default on the loopback. */
  readonly readerPassword: string;
  readonly limits: Pick<Limits, 'maxExecutionSeconds' | 'wedgedAfterMs'>;
}

/** Reads the environment once; a fault names every variable that is wrong. */
export function readConfig(env: NodeJS.ProcessEnv): ServerConfig {
  const read = shape.safeParse(env);
  if (!read.success) {
    const faults = read.error.issues.map((i) => `${i.path.join('.')}: ${i.message}`);
    throw new Error(`The ClickHouse server cannot start: ${faults.join('; ')}`);
  }
  return {
    bind: read.data.TALLYWARD_BIND,
    port: read.data.TALLYWARD_CLICKHOUSE_PORT,
    dataFolder: read.data.TALLYWARD_CLICKHOUSE_DATA,
    loaderPassword: read.data.TALLYWARD_CLICKHOUSE_LOADER_PASSWORD,
    readerPassword: read.data.TALLYWARD_CLICKHOUSE_READER_PASSWORD,
    limits: {
      maxExecutionSeconds: read.data.TALLYWARD_CLICKHOUSE_MAX_EXECUTION_SECONDS,
      wedgedAfterMs: read.data.TALLYWARD_CLICKHOUSE_WEDGED_AFTER_MS,
    },
  };
}
