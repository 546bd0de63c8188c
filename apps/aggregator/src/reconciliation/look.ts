import { TOPICS } from '@tallyward/contracts';
import type { Log } from '@tallyward/platform';
import { provable, type Landed } from '../close-periods/provable';
import type { ClickHouse } from '../storage/clickhouse';
import type { UpTo } from '../storage/clickhouse/billed-usage';
import { AuditedSubscriptions } from '../storage/postgres/audited-subscriptions';
import { AuditedTotals } from '../storage/postgres/audited-totals';
import type { BillingReads } from '../storage/postgres/billing/billing-reads';
import type { ToldPeriods } from '../storage/postgres/billing/reconciled-periods';
import type { FoldStore } from '../storage/postgres';

/** How long the folds may take to reach the log's end as it was when somebody asked. */
export const REACHED_WITHIN_MS = 10_000;

export interface LookParts {
  readonly log: Log;
  readonly clickhouse: ClickHouse;
  readonly auditorUrl: string;
  readonly reads: BillingReads;
  readonly told: ToldPeriods;
  /** What the proofs fold remembers of what it counted. */
  readonly keys: Pick<FoldStore, 'keysOf'>;
  readonly warehouse: Landed;
  readonly proofs: Landed;
}

/** One look at the sides: whatever is asked of it is as of the same offsets (PROTOCOL 25). */
export interface Look {
  readonly parts: LookParts;
  readonly totals: AuditedTotals;
  readonly subscriptions: AuditedSubscriptions;
  readonly upTo: UpTo;
}

/** A fold has not come as far as the log had when it was asked. */
export class FoldsBehind extends Error {
  override readonly name = 'FoldsBehind';
}

/** Opens a look, and closes it when `use` is done. Throws FoldsBehind. */
export async function withLook<T>(
  parts: LookParts,
  use: (look: Look) => Promise<T>,
  withinMs = REACHED_WITHIN_MS,
): Promise<T> {
  const ends = await parts.log.admin.endOffsets(TOPICS.usageEvents.name);
  const totals = await AuditedTotals.open(parts.auditorUrl);
  try {
    const upTo = await provable(totals, ends, [parts.warehouse, parts.proofs], withinMs);
    if (upTo === null) throw new FoldsBehind('Totals, warehouse or proofs are behind the log.');
    return await use({ parts, totals, subscriptions: new AuditedSubscriptions(totals), upTo });
  } finally {
    await totals.close();
  }
}
