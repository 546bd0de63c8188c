import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { errorText, statusOf, type Failure } from './errors';

/** The counters of one query, as in X-ClickHouse-Summary. */
export interface Summary {
  readonly readRows: number;
  readonly readBytes: number;
  readonly writtenRows: number;
  readonly writtenBytes: number;
  readonly elapsedSeconds: number;
}

export const NOTHING_YET: Summary = {
  readRows: 0,
  readBytes: 0,
  writtenRows: 0,
  writtenBytes: 0,
  elapsedSeconds: 0,
};

export interface AboutServer {
  readonly version: string;
  readonly timeZone: string;
  readonly displayName: string;
}

const summaryText = (s: Summary): string =>
  JSON.stringify({
    read_rows: `${s.readRows}`,
    read_bytes: `${s.readBytes}`,
    written_rows: `${s.writtenRows}`,
    written_bytes: `${s.writtenBytes}`,
    total_rows_to_read: '0',
    result_rows: `${s.writtenRows}`,
    result_bytes: `${s.writtenBytes}`,
    elapsed_ns: `${Math.max(0, Math.round(s.elapsedSeconds * 1e9))}`,
  });

/** The media type a server answers with for a format; anything unlisted is plain text. */
export function mediaTypeOf(format: string): string {
  const name = format.toLowerCase();
  if (/^jsoneachrow|^jsonlines|^ndjson|eachrow$|^jsonstringseachrow/.test(name)) {
    return 'application/x-ndjson; charset=UTF-8';
  }
  if (name.startsWith('json')) return 'application/json; charset=UTF-8';
  if (name.startsWith('csv')) {
    return `text/csv; charset=UTF-8; header=${name.includes('names') ? 'present' : 'absent'}`;
  }
  if (/^(?:tabseparated|tsv)/.test(name)) return 'text/tab-separated-values; charset=UTF-8';
  if (name === 'xml') return 'application/xml; charset=UTF-8';
  if (/^(?:native|rowbinary|parquet|arrow|orc|avro|bson|msgpack|protobuf|rawblob)/.test(name)) {
    return 'application/octet-stream';
  }
  return 'text/plain; charset=UTF-8';
}

/** What every answer to a query carries. */
export function setQueryHeaders(
  response: ServerResponse,
  about: AboutServer,
  queryId: string,
  summary: Summary,
): void {
  response.setHeader('X-ClickHouse-Server-Display-Name', about.displayName);
  response.setHeader('X-ClickHouse-Query-Id', queryId);
  response.setHeader('X-ClickHouse-Timezone', about.timeZone);
  response.setHeader('X-ClickHouse-Summary', summaryText(summary));
}

/** An error before anything was sent: status, code and text. */
export function sendFailure(
  response: ServerResponse,
  failure: Failure,
  version: string,
  gzipped?: Buffer,
): void {
  if (response.headersSent) return;
  if (gzipped) response.setHeader('Content-Encoding', 'gzip');
  response.statusCode = statusOf(failure);
  response.setHeader('X-ClickHouse-Exception-Code', `${failure.code}`);
  response.setHeader('Content-Type', 'text/plain; charset=UTF-8');
  if (failure.name === 'REQUIRED_PASSWORD') {
    response.setHeader('WWW-Authenticate', 'Basic realm="ClickHouse server HTTP API"');
  }
  response.end(gzipped ?? errorText(failure, version));
}

export const newExceptionTag = (): string => randomBytes(8).toString('hex');

/** An error in the middle of a stream: a block at its end that clients look for by the tag. */
export function exceptionBlock(failure: Failure, version: string, tag: string): Buffer {
  const message = Buffer.from(errorText(failure, version));
  return Buffer.concat([
    Buffer.from(`\r\n__exception__\r\n${tag}\r\n`),
    message,
    Buffer.from(`${message.length} ${tag}\r\n__exception__\r\n`),
  ]);
}
