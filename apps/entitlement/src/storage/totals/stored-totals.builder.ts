import { UNITS } from '@tallyward/domain';
import type { DataSource } from 'typeorm';
import { unitColumn } from './tables';
import { UsageTotal } from './usage-total.entity';

/** For specs: what stands in the live tables. */
async function storedTotals(dataSource: DataSource): Promise<UsageTotal[]> {
  const key = { project: 'ASC', customer: 'ASC', quarter: 'ASC', model: 'ASC' } as const;
  return dataSource.getRepository(UsageTotal).find({ order: key });
}

/** The same as text, by row: what a plain count can be compared with. */
export async function storedSums(
  dataSource: DataSource,
  keyOf: (row: UsageTotal) => string,
): Promise<Record<string, Record<string, string>>> {
  const rows = await storedTotals(dataSource);
  return Object.fromEntries(
    rows.map((row) => {
      const sums = [
        ...UNITS.map((unit) => [unit, String(row[unit])]),
        ['proof', String(row.proof)],
      ];
      return [keyOf(row), Object.fromEntries(sums) as Record<string, string>];
    }),
  );
}

/** MD5 over the rows in the order of their key, every column: the same bytes, the same digest. */
export async function totalsDigest(dataSource: DataSource): Promise<string> {
  const columns = `project, customer, quarter, workspace, "user", role, model, model_group,
    partition, ${UNITS.map(unitColumn).join(', ')}, proof`;
  const rows = await dataSource.query<{ digest: string }[]>(
    `SELECT md5(coalesce(string_agg(md5(line), '' ORDER BY line), '')) AS digest
     FROM (SELECT ROW(${columns})::text AS line FROM entitlement.usage_total) AS lines`,
  );
  return rows[0]?.digest ?? '';
}

export interface StoredKey {
  readonly partition: number;
  readonly offset: string;
  readonly time: string;
}

export function storedKeys(dataSource: DataSource): Promise<StoredKey[]> {
  return dataSource.query(
    'SELECT partition, "offset", time FROM entitlement.usage_key ORDER BY partition, "offset"',
  );
}

export interface StoredQuarantine {
  readonly partition: number;
  readonly offset: string;
  readonly reason: string;
  readonly project: string | null;
}

export function storedQuarantine(dataSource: DataSource): Promise<StoredQuarantine[]> {
  return dataSource.query(
    `SELECT partition, "offset", reason, project FROM entitlement.quarantine
     ORDER BY partition, "offset"`,
  );
}

export async function outboxLength(dataSource: DataSource, topic: string): Promise<number> {
  const rows = await dataSource.query<{ count: string }[]>(
    'SELECT count(*) FROM entitlement.outbox WHERE topic = $1',
    [topic],
  );
  return Number(rows[0]?.count);
}
