import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeAccess } from './access';
import type { Limits } from './limits';
import { loadNative, type Native, type NativeRead, type NativeWritten } from './native';
import { literal } from './sql-text';

/**
 * The embedded engine over one data folder. A connection costs half a millisecond and carries its
 * own settings, parameters, database and temporary tables, so each request gets a fresh one and
 * nothing of one request is left for the next.
 */
export class ChdbEngine {
  private constructor(
    private readonly native: Native,
    private readonly data: string,
    /** Open as long as the process: without any connection the engine would shut down. */
    private readonly keeper: unknown,
    readonly version: string,
    readonly timeZone: string,
    readonly displayName: string,
    /** Where pipes and request bodies lie while a query runs. */
    readonly scratch: string,
  ) {}

  static async open(dataFolder: string, limits: Limits): Promise<ChdbEngine> {
    const data = join(dataFolder, 'store');
    mkdirSync(data, { recursive: true });
    const native = await loadNative();
    const config = writeAccess(dataFolder, data, limits);
    const keeper = native.CreateConnection(data, [`--config-file=${config}`]);
    const hello = await native.QueryAsyncConnection(
      keeper,
      'SELECT version(), timezone(), displayName()',
      'JSONCompactEachRow',
    );
    const about = JSON.parse(hello.bytes.toString()) as [string, string, string];
    return new ChdbEngine(native, data, keeper, ...about, dataFolder);
  }

  /**
   * `readOnly` holds for the connection's whole life: the engine refuses to lift it. The role has
   * to be taken before anything a client wrote runs here.
   */
  connect(readOnly: boolean): EngineConnection {
    const args = readOnly ? ['--readonly=2'] : [];
    return new EngineConnection(this.native, this.native.CreateConnection(this.data, args));
  }

  /** Stops every query but this one; for the end of a graceful stop. */
  async cancelAll(): Promise<void> {
    const sql = "KILL QUERY WHERE Settings['log_comment'] != '' ASYNC";
    await this.native.QueryAsyncConnection(this.keeper, sql, 'Null');
  }

  /** Stops what runs under this mark; the query ends with QUERY_WAS_CANCELLED where it stands. */
  async cancel(mark: string): Promise<void> {
    const sql = `KILL QUERY WHERE endsWith(Settings['log_comment'], ${literal(mark)}) ASYNC`;
    await this.native.QueryAsyncConnection(this.keeper, sql, 'Null');
  }

  /** After the last connection the engine writes out what it holds and releases the folder. */
  close(): void {
    this.native.CloseConnection(this.keeper);
  }
}

/** One query at a time; close it only when none runs, or the engine dies with all others. */
export class EngineConnection {
  constructor(
    private readonly native: Native,
    private handle: unknown,
  ) {}

  read(sql: string, format: string): Promise<NativeRead> {
    return this.native.QueryAsyncConnection(this.handle, sql, format);
  }

  /** Runs an INSERT whose rows come from a SELECT or a file, and counts what was written. */
  write(sql: string): Promise<NativeWritten> {
    return this.native.InsertRawAsyncConnection(this.handle, sql, Buffer.alloc(0), false);
  }

  close(): void {
    if (this.handle === undefined) return;
    this.native.CloseConnection(this.handle);
    this.handle = undefined;
  }
}
