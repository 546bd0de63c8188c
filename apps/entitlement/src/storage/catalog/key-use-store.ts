import { Injectable } from '@nestjs/common';
import type { KeysUsed } from '@tallyward/contracts';
import { DataSource } from 'typeorm';

/** When keys were used last: a later instant takes an earlier one's place, whoever writes it. */
@Injectable()
export class KeyUseStore {
  constructor(private readonly dataSource: DataSource) {}

  /** Each key once. Keys that are not there, or another project's, are passed over. */
  async note({ project, keys }: KeysUsed): Promise<void> {
    const ids = keys.map(({ id }) => id);
    const times = keys.map(({ usedAt }) => usedAt);
    await this.dataSource.query(
      `INSERT INTO key_use AS u (key_id, used_at)
       SELECT k.key_id, max(told.used_at)
       FROM unnest($2::text[], $3::timestamptz[]) AS told (key_id, used_at)
       JOIN api_key k ON k.key_id = told.key_id AND k.project = $1
       GROUP BY k.key_id ORDER BY k.key_id
       ON CONFLICT (key_id) DO UPDATE SET used_at = excluded.used_at
       WHERE u.used_at < excluded.used_at`,
      [project, ids, times],
    );
  }
}
