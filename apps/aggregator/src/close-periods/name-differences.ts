import type { ClickHouseClient } from '@clickhouse/client';
import type { Difference } from '@tallyward/domain';
import type { Log } from '@tallyward/platform';
import { Audit } from '../reconcile/audit';
import { differencesOf } from '../reconcile/reconcile';
import { reconcilePartition } from '../reconcile/reconcile-partition';
import type { UpTo } from '../storage/clickhouse/billed-usage';
import type { AuditedTotals } from '../storage/postgres/audited-totals';
import type { DuePeriod } from './closing';

/** Differences that are named of one period; there is one cause for more, as a rule. */
export const MOST_NAMED = 50;

/** The stores that a difference is looked for in. */
export interface Sides {
  readonly log: Log;
  readonly totals: AuditedTotals;
  readonly clickhouse: ClickHouseClient;
}

/** Names what differs of one period, down to event ids: the log of its partition is read again. */
export async function nameDifferences(
  { log, totals, clickhouse }: Sides,
  { project, customer, partition, period }: DuePeriod,
  upTo: UpTo,
): Promise<Difference[]> {
  const audit = new Audit(log, totals, clickhouse, { customer, ...period });
  const result = await reconcilePartition(audit, partition, upTo.get(partition) ?? 0n, () => {});
  return differencesOf([result])
    .filter((difference) => difference.project === project)
    .slice(0, MOST_NAMED);
}
