import type { ClickHouse } from './clickhouse';
import {
  insertSettings,
  insertStatement,
  type InsertRange,
  type WarehouseTable,
} from './row.insert';

/** Inserts of one process that run at once; reports share the connections with them. */
export const MAX_INSERTS_AT_ONCE = 4;

/**
 * How long one insert may take; 16 MiB take below a second. Past it nobody knows whether it landed,
 * and whoever waits for it is told: a server that hangs must not hold the fold for ever.
 */
export const INSERT_DEADLINE_MS = 15_000;

/** Writes rows of a folded table; the one place that does. */
export class RowWriter {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly clickhouse: ClickHouse,
    private readonly table: WarehouseTable,
    private readonly deadlineMs = INSERT_DEADLINE_MS,
  ) {}

  /**
   * Resolves when the range's rows are all in the table. Rejects when that isn't known: then the
   * same call is to be made again, with the same bytes.
   */
  async insert(range: InsertRange, rows: readonly string[]): Promise<void> {
    await this.turn();
    try {
      await this.clickhouse.command({
        query: insertStatement(this.table, range, rows.join('\n')),
        clickhouse_settings: insertSettings(range),
        abort_signal: AbortSignal.timeout(this.deadlineMs),
      });
    } finally {
      this.running -= 1;
      this.waiting.shift()?.();
    }
  }

  /** Waits for one of the places; at most one caller per partition of the log waits. */
  private async turn(): Promise<void> {
    while (this.running >= MAX_INSERTS_AT_ONCE) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    this.running += 1;
  }
}
