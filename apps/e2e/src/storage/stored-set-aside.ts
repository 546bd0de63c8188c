import { TOPICS } from '@tallyward/contracts';
import { withPostgres } from './stored-totals';

export interface StoredSetAside {
  readonly partition: number;
  readonly offset: string;
  readonly reason: string;
}

/** What each fold has set aside, row by row. */
export function storedSetAside(
  url: string,
): Promise<Record<'quarantine' | 'warehouse', StoredSetAside[]>> {
  return withPostgres(url, async (client) => {
    const quarantine = await client.query<StoredSetAside>(
      'SELECT partition, "offset", reason FROM entitlement.quarantine WHERE topic = $1',
      [TOPICS.usageEvents.name],
    );
    const warehouse = await client.query<StoredSetAside>(
      'SELECT partition, "offset", reason FROM aggregator.parked_entry',
    );
    return { quarantine: quarantine.rows, warehouse: warehouse.rows };
  });
}
