import { amountsRecord, UNITS, type TotalsKey, type TotalsRow } from '@tallyward/domain';
import { DataSource, type QueryRunner } from 'typeorm';
import { UNIT_COLUMNS } from '../clickhouse/columns';

/** Rows fetched at a time: bounds the memory of a reading of any length. */
const FETCH_ROWS = 5_000;
/** How long one fetch may take, sorting a partition's rows included. */
const FETCH_DEADLINE_MS = 300_000;
const CONNECT_DEADLINE_MS = 10_000;
/**
 * A long partition asks Postgres for nothing for minutes, which ends sessions that are idle within
 * a transaction. One that speaks is alive; a frozen reader still loses its snapshot.
 */
const ALIVE_EVERY_MS = 10_000;

/** Whose totals, and of which quarters: half-open, epoch ms; null: all. */
export interface AuditScope {
  readonly customer: string | null;
  readonly from: number | null;
  readonly to: number | null;
}

/** How a snapshot is opened. */
interface Opening {
  readonly aliveEveryMs?: number;
  readonly shared?: string | undefined;
}

const LABELS = ['project', 'customer', 'workspace', '"user"', 'role', 'model', 'model_group'];
/**
 * The totals as of one instant, for the auditor: offsets and rows are read in one snapshot, so what
 * is folded meanwhile changes neither. It writes nothing; the tables are entitlement's.
 */
export class AuditedTotals {
  private readonly alive: NodeJS.Timeout;

  private constructor(
    private readonly source: DataSource,
    private readonly runner: QueryRunner,
    aliveEveryMs: number,
  ) {
    // A session that is lost says so with the next query that somebody waits for.
    const speak = (): unknown => runner.query('SELECT 1').catch(() => undefined);
    this.alive = setInterval(speak, aliveEveryMs).unref();
  }

  /**
   * Opens a snapshot. `url` is the auditor's own role; `shared` is what another session shares, for
   * as long as that has it open.
   */
  static async open(
    url: string,
    { aliveEveryMs = ALIVE_EVERY_MS, shared }: Opening = {},
  ): Promise<AuditedTotals> {
    const source = await new DataSource({
      type: 'postgres',
      url,
      entities: [],
      poolSize: 2,
      connectTimeoutMS: CONNECT_DEADLINE_MS,
      extra: { statement_timeout: FETCH_DEADLINE_MS, keepAlive: true },
    }).initialize();
    const runner = source.createQueryRunner();
    await begin(runner, shared);
    return new AuditedTotals(source, runner, aliveEveryMs);
  }

  /** Next offset to fold, by partition: the totals hold everything before it. */
  async offsets(topic: string): Promise<Map<number, bigint>> {
    const rows = (await this.runner.query(
      'SELECT partition, next_offset FROM entitlement.log_progress WHERE topic = $1',
      [topic],
    )) as { partition: number; next_offset: string }[];
    return new Map(rows.map((row) => [row.partition, BigInt(row.next_offset)]));
  }

  /** What the warehouse or the proofs have, by partition, now and not as of the snapshot. */
  async landed(fold: 'live' | 'proofs'): Promise<Map<number, bigint>> {
    const rows = (await this.source.query(
      'SELECT partition, landed_offset FROM aggregator.log_progress WHERE fold = $1',
      [fold],
    )) as { partition: number; landed_offset: string }[];
    return new Map(rows.map((row) => [row.partition, BigInt(row.landed_offset)]));
  }

  /** One partition's rows in order of their quarter. */
  async *rows(partition: number, scope: AuditScope): AsyncGenerator<TotalsRow> {
    const units = UNITS.map((unit) => UNIT_COLUMNS[unit]);
    const cursor = `audited_${partition}`;
    await this.runner.query(
      `DECLARE ${cursor} NO SCROLL CURSOR FOR
       SELECT quarter, ${[...LABELS, ...units].join(', ')}, proof FROM entitlement.usage_total
       WHERE partition = $1 AND ($2::text IS NULL OR customer = $2)
         AND ($3::bigint IS NULL OR quarter >= $3) AND ($4::bigint IS NULL OR quarter < $4)
       ORDER BY quarter`,
      [partition, scope.customer, scope.from, scope.to],
    );
    for (;;) {
      const rows = (await this.runner.query(`FETCH ${FETCH_ROWS} FROM ${cursor}`)) as StoredRow[];
      for (const row of rows) yield totalsRowOf(row);
      if (rows.length < FETCH_ROWS) break;
    }
    await this.runner.query(`CLOSE ${cursor}`);
  }

  /** Asks something else of the same snapshot. */
  query<T>(sql: string, parameters: readonly unknown[]): Promise<T[]> {
    return this.runner.query(sql, [...parameters]) as Promise<T[]>;
  }

  /** Names this snapshot, for sessions that are to see the same. */
  async share(): Promise<string> {
    const [row] = await this.query<{ name: string }>('SELECT pg_export_snapshot() AS name', []);
    return String(row?.name);
  }

  /** A new snapshot in place of this one. */
  async renew(): Promise<void> {
    await this.runner.query('COMMIT');
    await begin(this.runner);
  }

  async close(): Promise<void> {
    clearInterval(this.alive);
    await this.runner.release();
    await this.source.destroy();
  }
}

/**
 * The lock comes before the first query, which fixes the snapshot: a rebuild of the totals waits
 * for it, else a snapshot from before the swap would see a part of the new table's rows.
 */
async function begin(runner: QueryRunner, shared?: string): Promise<void> {
  await runner.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  if (shared !== undefined) await runner.query(`SET TRANSACTION SNAPSHOT '${nameOf(shared)}'`);
  const tables = 'entitlement.log_progress, entitlement.usage_total';
  await runner.query(`LOCK TABLE ${tables} IN ACCESS SHARE MODE`);
}

/** It can't be a parameter. */
function nameOf(shared: string): string {
  if (!/^[0-9A-F-]+$/.test(shared)) throw new Error(`No name of a snapshot: ${shared}`);
  return shared;
}

type StoredRow = Record<string, string>;

function totalsRowOf(row: StoredRow): TotalsRow {
  const text = (name: string): string => row[name] ?? '';
  const key: TotalsKey = {
    project: text('project'),
    customer: text('customer'),
    quarter: Number(row['quarter']),
    workspace: text('workspace'),
    user: text('user'),
    role: text('role'),
    model: text('model'),
    modelGroup: text('model_group'),
  };
  const amounts = amountsRecord((unit) => Number(row[UNIT_COLUMNS[unit]]));
  return { key, amounts, proof: BigInt(text('proof')) };
}
