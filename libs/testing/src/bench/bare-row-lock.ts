import type { Pool } from 'pg';
import { openPool } from './open-pool';

const TABLE = 'bare_limit';

/** Limits as rows of Postgres: one conditional UPDATE per call, under its row's lock. */
export class BareRowLock {
  private constructor(private readonly pool: Pool) {}

  /** With a table of its own. `connections`: as many calls at once. */
  static async open(url: string, connections: number): Promise<BareRowLock> {
    const rows = BareRowLock.connect(url, connections);
    await rows.pool.query(
      `CREATE TABLE ${TABLE} (name text PRIMARY KEY, used bigint NOT NULL, amount bigint NOT NULL)
       WITH (fillfactor = 50)`,
    );
    return rows;
  }

  /** To the table that another process opened. */
  static connect(url: string, connections: number): BareRowLock {
    return new BareRowLock(openPool(url, connections));
  }

  async reset(names: readonly string[], amount: number): Promise<void> {
    await this.pool.query(`TRUNCATE ${TABLE}`);
    await this.pool.query(
      `INSERT INTO ${TABLE} SELECT name, 0, $2 FROM unnest($1::text[]) AS name`,
      [names, amount],
    );
  }

  async reserve(name: string, need: number): Promise<boolean> {
    const text = `UPDATE ${TABLE} SET used = used + $2 WHERE name = $1 AND used + $2 <= amount`;
    const { rowCount } = await this.pool.query({ name: 'reserve', text, values: [name, need] });
    return rowCount === 1;
  }

  async used(): Promise<number[]> {
    const { rows } = await this.pool.query<{ used: string }>(`SELECT used FROM ${TABLE}`);
    return rows.map((row) => Number(row.used));
  }

  close(): Promise<void> {
    return this.pool.end();
  }
}
