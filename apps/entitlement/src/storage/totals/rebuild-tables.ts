import { UNITS } from '@tallyward/domain';
import type { EntityManager } from 'typeorm';
import { type FoldTables, LIVE_TABLES, TOTALS_KEY, unitColumn } from './tables';

/** Room that a page of totals keeps free: LIKE does not copy it. */
const TOTALS_FILL = 80;

const bare = (table: string): string => table.replace('entitlement.', '');

/** Empty tables in the shape of the live ones, with their indexes. */
export async function createTables(manager: EntityManager, tables: FoldTables): Promise<void> {
  await manager.query(
    `CREATE TABLE ${tables.keys} (LIKE ${LIVE_TABLES.keys} INCLUDING ALL);
     CREATE TABLE ${tables.totals} (LIKE ${LIVE_TABLES.totals} INCLUDING ALL)
       WITH (fillfactor = ${TOTALS_FILL})`,
  );
}

/** Whatever rebuilds that were cut off have left. */
export async function dropLeftovers(manager: EntityManager): Promise<void> {
  const rows = await manager.query<{ name: string }[]>(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'entitlement'
       AND (starts_with(tablename, $1) OR starts_with(tablename, $2))`,
    [`${bare(LIVE_TABLES.keys)}_next_`, `${bare(LIVE_TABLES.totals)}_next_`],
  );
  for (const { name } of rows) await manager.query(`DROP TABLE entitlement."${name}"`);
}

/** Puts the rebuilt tables in place of the live ones, under all of their names. */
export async function takePlace(manager: EntityManager, tables: FoldTables): Promise<void> {
  for (const kind of ['keys', 'totals'] as const) {
    const [live, next] = [LIVE_TABLES[kind], tables[kind]];
    const indexes = await manager.query<{ name: string }[]>(
      `SELECT indexname AS name FROM pg_indexes WHERE schemaname = 'entitlement' AND tablename = $1`,
      [bare(next)],
    );
    await manager.query(`DROP TABLE ${live}; ALTER TABLE ${next} RENAME TO ${bare(live)}`);
    for (const { name } of indexes) {
      const liveName = name.replace(bare(next), bare(live));
      await manager.query(`ALTER INDEX entitlement."${name}" RENAME TO "${liveName}"`);
    }
  }
}

/** A totals row on which the two disagree; null where one has no such row. */
export interface DifferingRow {
  readonly key: Readonly<Record<string, string>>;
  readonly live: Readonly<Record<string, string>> | null;
  readonly rebuilt: Readonly<Record<string, string>> | null;
}

export interface Comparison {
  readonly rows: number;
  readonly differing: number;
  /** The first of them, in the order of their key. */
  readonly first: readonly DifferingRow[];
}

const SUMS = [...UNITS.map(unitColumn), 'proof'];
const KEY_NAMES = TOTALS_KEY.map((column) => column.replaceAll('"', ''));
const sumsOf = (side: string): string =>
  `CASE WHEN ${side}.proof IS NOT NULL THEN
     jsonb_build_object(${SUMS.map((name) => `'${name}', ${side}.${name}::text`).join(', ')}) END`;
const DIFFERING = `FROM ${LIVE_TABLES.totals} live FULL JOIN $next rebuilt
  USING (${TOTALS_KEY.join(', ')})
  WHERE (${SUMS.map((name) => `live.${name}`).join(', ')})
    IS DISTINCT FROM (${SUMS.map((name) => `rebuilt.${name}`).join(', ')})`;

/** Compares every row; answers the first `most` that differ, and how many do. */
export async function compareTotals(
  manager: EntityManager,
  tables: FoldTables,
  most: number,
): Promise<Comparison> {
  const differing = DIFFERING.replace('$next', tables.totals);
  const [counts] = await manager.query<{ rows: string; differing: string }[]>(
    `SELECT (SELECT count(*) FROM ${tables.totals}) AS rows,
            (SELECT count(*) ${differing}) AS differing`,
  );
  const first = await manager.query<DifferingRow[]>(
    `SELECT jsonb_build_object(
       ${TOTALS_KEY.map((column, i) => `'${KEY_NAMES[i]}', ${column}::text`).join(', ')}) AS key,
       ${sumsOf('live')} AS live, ${sumsOf('rebuilt')} AS rebuilt
     ${differing} ORDER BY ${TOTALS_KEY.join(', ')} LIMIT $1`,
    [most],
  );
  return { rows: Number(counts?.rows), differing: Number(counts?.differing), first };
}
