import type { ClickHouseClient } from '@clickhouse/client';
import type { Difference } from '@tallyward/domain';
import type { Log } from '@tallyward/platform';
import { Audit } from '../reconcile/audit';
import { differencesOf } from '../reconcile/reconcile';
import { reconcilePartition } from '../reconcile/reconcile-partition';
import type { UpTo } from '../storage/clickhouse/billed-usage';
import type { AuditedTotals } from '../storage/postgres/audited-totals';
import type { DuePeriod, PeriodKey } from './closing';

/** Differences that are named of one period; there is one cause for more, as a rule. */
export const MOST_NAMED = 50;

/** The stores that a difference is looked for in. */
export interface Sides {
  readonly log: Log;
  readonly totals: AuditedTotals;
  readonly clickhouse: ClickHouseClient;
}

/** Names what differs of one period, down to event ids, as many as are told of one. */
export async function nameDifferences(
  sides: Sides,
  period: DuePeriod,
  upTo: UpTo,
): Promise<Difference[]> {
  return (await differencesBetween(sides, period, upTo)).differences.slice(0, MOST_NAMED);
}

/**
 * What the stores have otherwise than the log within a customer's span: the log of its partition is
 * read again. `beyond`: rows that differ and were too many to be named.
 */
export async function differencesBetween(
  { log, totals, clickhouse }: Sides,
  { project, customer, partition, period }: PeriodKey & { readonly partition: number },
  upTo: UpTo,
): Promise<{ differences: Difference[]; beyond: number }> {
  const audit = new Audit(log, totals, clickhouse, { customer, ...period });
  const result = await reconcilePartition(audit, partition, upTo.get(partition) ?? 0n, () => {});
  const differences = differencesOf([result]).filter((one) => one.project === project);
  return { differences, beyond: result.unexplained };
}
