import { PROOF_MODULUS, UNITS, type TotalsRow } from '@tallyward/domain';
import type { EntityManager } from 'typeorm';
import { TOTALS_KEY, UNIT_COLUMNS } from './tables';

const COLUMNS = [...TOTALS_KEY, ...UNIT_COLUMNS, 'proof'];
const TYPES = COLUMNS.map((column) => {
  if (column === 'proof') return 'numeric[]';
  return column === 'quarter' || UNIT_COLUMNS.includes(column) ? 'bigint[]' : 'text[]';
});

/**
 * Adds rows to the totals. In the order of their key: two transactions that write the same rows
 * take their locks in one order, and the index is walked once from left to right.
 */
export async function addTotals(
  manager: EntityManager,
  table: string,
  partition: number,
  rows: readonly TotalsRow[],
): Promise<void> {
  if (rows.length === 0) return;
  await manager.query(
    `INSERT INTO ${table} AS total (partition, ${COLUMNS.join(', ')})
     SELECT $1, * FROM unnest(${TYPES.map((type, i) => `$${i + 2}::${type}`).join(', ')})
     ON CONFLICT (${TOTALS_KEY.join(', ')}) DO UPDATE SET
       ${UNIT_COLUMNS.map((column) => `${column} = total.${column} + excluded.${column}`).join(', ')},
       proof = (total.proof + excluded.proof) % ${PROOF_MODULUS}`,
    [partition, ...columnsOf(inKeyOrder(rows))],
  );
}

function columnsOf(rows: readonly TotalsRow[]): unknown[][] {
  return [
    rows.map((row) => row.key.project),
    rows.map((row) => row.key.customer),
    rows.map((row) => row.key.quarter),
    rows.map((row) => row.key.workspace),
    rows.map((row) => row.key.user),
    rows.map((row) => row.key.role),
    rows.map((row) => row.key.model),
    rows.map((row) => row.key.modelGroup),
    ...UNITS.map((unit) => rows.map((row) => row.amounts[unit])),
    rows.map((row) => String(row.proof)),
  ];
}

function inKeyOrder(rows: readonly TotalsRow[]): TotalsRow[] {
  return [...rows].sort(({ key: a }, { key: b }) => {
    return (
      order(a.project, b.project) ||
      order(a.customer, b.customer) ||
      a.quarter - b.quarter ||
      order(a.workspace, b.workspace) ||
      order(a.user, b.user) ||
      order(a.role, b.role) ||
      order(a.model, b.model) ||
      order(a.modelGroup, b.modelGroup)
    );
  });
}

function order(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
