import { withPostgres } from './stored-totals';

/** The first tier holds from so long before. */
const BEFORE_MS = 48 * 3_600_000;

/**
 * Makes a customer's changes of tier as long ago as asked (ms), the first tier long before: nobody
 * waits a day for a period to be over. They are made once more, as nothing that was made can be
 * changed; what is made later takes the place of what was to begin after it. Answers when the last
 * of them began, epoch ms.
 */
export function movedTiers(
  url: string,
  project: string,
  customer: string,
  backMs: number,
): Promise<number> {
  return withPostgres(url, async (client) => {
    const { rows } = await client.query<{ effective_from: string }>(
      `INSERT INTO entitlement.tier_assignment (project, customer, tier, tier_version,
         effective_from, carry_usage, actor)
       SELECT project, customer, tier, tier_version, effective_from - $3::bigint
           - CASE WHEN row_number() OVER (ORDER BY id) = 1 THEN $4::bigint ELSE 0 END,
         carry_usage, actor
       FROM entitlement.tier_assignment WHERE project = $1 AND customer = $2 ORDER BY id
       RETURNING effective_from`,
      [project, customer, backMs, BEFORE_MS],
    );
    return Math.max(...rows.map(({ effective_from: from }) => Number(from)));
  });
}
