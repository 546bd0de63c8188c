import {
  type ClickHouseClient,
  ClickHouseLogLevel,
  type ClickHouseSettings,
  createClient,
} from '@clickhouse/client';
import { setTimeout as pause } from 'node:timers/promises';
import * as limits from './limits';

export type ClickHouseOptions = {
  /** `http://user:password@host:port/database` */
  readonly url: string;
  /** Seen in the server's query log. */
  readonly application: string;
  readonly requestDeadlineMs?: number;
  readonly connections?: number;
  readonly settings?: ClickHouseSettings;
  /** For users that may not change settings (`readonly=1`): none are sent. */
  readonly readonly?: boolean;
  readonly waitMs?: number;
  /** Told of each try while the server isn't up. */
  readonly onTrouble?: (message: string, error: unknown) => void;
};

/**
 * What every request carries. A rollup doubles in silence without the first; with async_insert an
 * insert is acknowledged before its guard was looked at; without wait_end_of_query an error that
 * comes late hides behind a status 200 that was already sent.
 */
export const PINNED_SETTINGS: ClickHouseSettings = {
  deduplicate_blocks_in_dependent_materialized_views: 1,
  async_insert: 0,
  wait_end_of_query: 1,
};

/** Opens a client and waits, within bounds, until the server answers a ping. */
export async function openClickHouse(options: ClickHouseOptions): Promise<ClickHouseClient> {
  const client = clickHouseClient(options);
  const until = Date.now() + (options.waitMs ?? limits.WAIT_FOR_CLICKHOUSE_MS);
  let pauseMs = limits.FIRST_PAUSE_MS;
  for (;;) {
    const answer = await pingClickHouse(client);
    if (answer.ok) return client;
    if (Date.now() + pauseMs > until) {
      await client.close();
      throw answer.error;
    }
    options.onTrouble?.('waiting for ClickHouse', answer.error);
    await pause(pauseMs);
    pauseMs = Math.min(pauseMs * 2, limits.LONGEST_PAUSE_MS);
  }
}

/** The client alone; nothing is sent yet. */
export function clickHouseClient(options: ClickHouseOptions): ClickHouseClient {
  const pinned = options.readonly === true ? {} : PINNED_SETTINGS;
  return createClient({
    url: options.url,
    application: options.application,
    request_timeout: options.requestDeadlineMs ?? limits.REQUEST_DEADLINE_MS,
    max_open_connections: options.connections ?? limits.OPEN_CONNECTIONS,
    keep_alive: { enabled: true, idle_socket_ttl: limits.IDLE_SOCKET_MS },
    compression: { request: false, response: false },
    clickhouse_settings: { ...pinned, ...options.settings },
    log: { level: ClickHouseLogLevel.OFF },
  });
}

export type Ping = { readonly ok: true } | { readonly ok: false; readonly error: Error };

/** Whether the server answers, within a deadline of its own. */
export async function pingClickHouse(client: ClickHouseClient): Promise<Ping> {
  const deadline = AbortSignal.timeout(limits.PING_DEADLINE_MS);
  const answer = await client.ping({ select: false, abort_signal: deadline });
  return answer.success ? { ok: true } : { ok: false, error: answer.error };
}
