import { withPostgres } from './stored-totals';

/** Beyond what keys are kept for (PROTOCOL 19). */
const DAYS = 40;

/**
 * Makes some keys and remembered requests old enough to be pruned, so that pruning has something
 * to do. They are the first of the log: nobody sends their events again.
 */
export async function agedKeys(url: string): Promise<void> {
  await withPostgres(url, async (client) => {
    for (const schema of ['entitlement', 'aggregator']) {
      await client.query(
        `UPDATE ${schema}.usage_key SET time = time - $1::bigint
         WHERE identity IN (
           SELECT identity FROM ${schema}.usage_key ORDER BY "offset" LIMIT 50)`,
        [DAYS * 86_400_000],
      );
    }
    await client.query(
      `UPDATE entitlement.idempotent_request SET expires_at = now() - interval '1 hour'
       WHERE request_id IN (SELECT request_id FROM entitlement.idempotent_request LIMIT 20)`,
    );
  });
}
