import { dirname, join } from 'node:path';

/**
 * The engine's own calls, under chdb's JavaScript. Its public API has no insert of bytes in any
 * format with the written rows counted, and wraps every parameterised query in one process-wide
 * queue; these two reasons, and chdb is pinned to one exact version.
 */
export interface Native {
  CreateConnection(path: string, args: readonly string[]): unknown;
  CloseConnection(connection: unknown): void;
  /** Runs on a worker thread; the result is in memory unless the query says INTO OUTFILE. */
  QueryAsyncConnection(connection: unknown, sql: string, format: string): Promise<NativeRead>;
  /** `prefix` is a whole INSERT up to its data, `data` is what follows, in any format. */
  InsertRawAsyncConnection(
    connection: unknown,
    prefix: string,
    data: Buffer,
    countLines: boolean,
  ): Promise<NativeWritten>;
}

export interface NativeRead {
  readonly bytes: Buffer;
  readonly elapsed: number;
  readonly rowsRead: number;
  readonly bytesRead: number;
}

export interface NativeWritten {
  readonly elapsed: number;
  readonly rowsWritten: number;
  readonly bytesWritten: number;
}

interface Loader {
  loadNative(): Native;
}

export async function loadNative(): Promise<Native> {
  const home = dirname(require.resolve('chdb/package.json'));
  const loader = (await import(join(home, 'dist', 'loader.js'))) as Loader;
  return loader.loadNative();
}
