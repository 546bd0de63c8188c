import type { ReadinessAnswer } from '@tallyward/platform';
import { DataSource } from 'typeorm';
import { within } from './bounded';

const CHECK_MS = 1_500;

/** The pool, as the modules of storage/ inject it: by its own class. */
export function storageResource(dataSource: DataSource) {
  return { provide: DataSource, useValue: dataSource };
}

/** Does Postgres answer? For /readyz. */
export async function postgresAnswers(dataSource: DataSource): Promise<ReadinessAnswer> {
  try {
    await within(CHECK_MS, dataSource.query('SELECT 1'));
    return { ok: true };
  } catch {
    return { ok: false, detail: 'Postgres does not answer' };
  }
}
