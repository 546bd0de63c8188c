import { Injectable } from '@nestjs/common';
import type { Drift, DriftedHour } from '@tallyward/contracts';
import { amountsRecord, UNITS } from '@tallyward/domain';
import { DataSource } from 'typeorm';
import { UNIT_COLUMNS } from '../clickhouse/columns';

/** What one look at a project's customers found. */
export interface SeenDrift {
  readonly project: string;
  /** Start of the hour of the look, epoch ms. */
  readonly hour: number;
  readonly customers: number;
  readonly unequal: number;
  readonly drift: Drift;
}

const COLUMNS = UNITS.map((unit) => UNIT_COLUMNS[unit]);

/** How far the sides were apart, by project and hour. */
@Injectable()
export class DriftStore {
  constructor(private readonly dataSource: DataSource) {}

  async noteHour({ project, hour, customers, unequal, drift }: SeenDrift): Promise<void> {
    const values = UNITS.map((unit) => drift[unit]);
    await this.dataSource.query(
      `INSERT INTO drift AS d (project, hour, looks, customers, unequal, ${COLUMNS.join(', ')})
       VALUES ($1, $2, 1, $3, $4, ${COLUMNS.map((_, at) => `$${at + 5}`).join(', ')})
       ON CONFLICT (project, hour) DO UPDATE SET looks = d.looks + 1,
         ${['customers', 'unequal', ...COLUMNS].map(greatest).join(', ')}`,
      [project, hour, customers, unequal, ...values],
    );
  }

  /** Hours from `from` on and before `to`, after a place, in their order; epoch ms, null: all. */
  async list(
    project: string,
    { from, to }: { readonly from: number | null; readonly to: number | null },
    after: number | null,
    most: number,
  ): Promise<{ readonly data: DriftedHour[]; readonly next: number | null }> {
    const rows = await this.dataSource.query<Record<string, string>[]>(
      `SELECT * FROM drift WHERE project = $1 AND ($2::bigint IS NULL OR hour >= $2)
         AND ($3::bigint IS NULL OR hour < $3) AND ($4::bigint IS NULL OR hour > $4)
       ORDER BY hour LIMIT $5`,
      [project, from, to, after, most + 1],
    );
    const page = rows.slice(0, most);
    const last = page.at(-1);
    return {
      data: page.map(hourOf),
      next: rows.length > most && last ? Number(last['hour']) : null,
    };
  }

  /** Deletes the hours before an instant, epoch ms. */
  async prune(before: number): Promise<void> {
    await this.dataSource.query('DELETE FROM drift WHERE hour < $1', [before]);
  }
}

const greatest = (column: string): string =>
  `${column} = greatest(d.${column}, excluded.${column})`;

function hourOf(row: Record<string, string>): DriftedHour {
  return {
    hour: new Date(Number(row['hour'])).toISOString(),
    looks: Number(row['looks']),
    customers: Number(row['customers']),
    unequal: Number(row['unequal']),
    drift: amountsRecord((unit) => Number(row[UNIT_COLUMNS[unit]])),
  };
}
