import type { IncomingMessage } from 'node:http';
import { randomUUID } from 'node:crypto';
import { failed } from './errors';

/** What the URL and the headers of one request ask for, before the body is read. */
export interface Ask {
  readonly query: string;
  readonly database: string | undefined;
  readonly defaultFormat: string;
  readonly queryId: string;
  readonly settings: readonly (readonly [string, string])[];
  readonly parameters: readonly (readonly [string, string])[];
  readonly session: SessionAsk | undefined;
  readonly readOnly: boolean;
  readonly waitEnd: boolean;
  readonly logComment: string;
  /** ClickHouse's own block compression of the answer and of the body. */
  readonly blocksOut: boolean;
  readonly blocksIn: boolean;
  readonly httpCompression: boolean;
  readonly protocolVersion: number;
}

export interface SessionAsk {
  readonly id: string;
  readonly timeoutSeconds: number | undefined;
  readonly mustExist: boolean;
  readonly closeAfter: boolean;
}

/** Parameters that are the interface's own and no settings. */
const RESERVED = new Set([
  ...['compress', 'decompress', 'user', 'password', 'quota_key', 'query_id', 'stacktrace', 'role'],
  ...['buffer_size', 'wait_end_of_query', 'session_id', 'session_timeout', 'session_check'],
  ...['client_protocol_version', 'close_session', 'database', 'default_format', 'query'],
  ...['send_progress_in_http_headers', 'http_headers_progress_interval_ms'],
  ...['enable_http_compression', 'http_zlib_compression_level', 'http_response_buffer_size'],
  ...['http_wait_end_of_query', 'http_write_exception_in_output_format', 'add_http_cors_header'],
  ...['log_comment', 'http_native_compression_disable_checksumming_on_decompress'],
]);
const SETTING_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

const flag = (url: URLSearchParams, name: string, otherwise = false): boolean => {
  const value = url.get(name);
  return value === null ? otherwise : value === '1' || value.toLowerCase() === 'true';
};

/** It goes back in a header, which takes printable ASCII alone. */
const inHeader = (text: string): string => text.replace(/[^ -~]/g, '?').slice(0, 256);

function sessionOf(url: URLSearchParams): SessionAsk | undefined {
  const id = url.get('session_id');
  if (!id) return undefined;
  const timeout = url.get('session_timeout');
  if (timeout !== null && !/^\d{1,6}$/.test(timeout)) {
    throw failed(374, 'INVALID_SESSION_TIMEOUT', `Invalid session timeout: '${timeout}'`);
  }
  return {
    id,
    timeoutSeconds: timeout === null ? undefined : Number(timeout),
    mustExist: flag(url, 'session_check'),
    closeAfter: flag(url, 'close_session'),
  };
}

export function readAsk(request: IncomingMessage, url: URLSearchParams): Ask {
  const header = (name: string): string => {
    const value = request.headers[name];
    return typeof value === 'string' ? value : '';
  };
  const settings: [string, string][] = [];
  const parameters: [string, string][] = [];
  for (const [name, value] of url) {
    if (name === '' || RESERVED.has(name)) continue;
    if (name.startsWith('param_')) parameters.push([name, value]);
    else if (SETTING_NAME.test(name)) settings.push([name, value]);
    else
      throw failed(
        115,
        'UNKNOWN_SETTING',
        `Setting ${name} is neither a builtin setting nor started with the prefix 'SQL_' registered for user-defined settings`,
      );
  }
  const version = Number(url.get('client_protocol_version') ?? 0);
  return {
    query: url.getAll('query').join(''),
    database: header('x-clickhouse-database') || url.get('database') || undefined,
    defaultFormat: header('x-clickhouse-format') || url.get('default_format') || 'TabSeparated',
    queryId: inHeader(url.get('query_id') || header('x-clickhouse-query-id') || randomUUID()),
    settings,
    parameters,
    session: sessionOf(url),
    // anything else beside POST may only read, as in ClickHouse
    readOnly: request.method !== 'POST',
    waitEnd: flag(url, 'wait_end_of_query') || flag(url, 'http_wait_end_of_query'),
    logComment: url.get('log_comment') ?? '',
    blocksOut: flag(url, 'compress'),
    blocksIn: flag(url, 'decompress'),
    httpCompression: flag(url, 'enable_http_compression', true),
    protocolVersion: Number.isSafeInteger(version) ? version : 0,
  };
}
