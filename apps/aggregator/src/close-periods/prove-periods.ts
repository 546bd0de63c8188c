import {
  addAmounts,
  addProofs,
  tierSpans,
  UNITS,
  zeroAmounts,
  type Assignment,
} from '@tallyward/domain';
import type { ClickHouse } from '../storage/clickhouse';
import {
  billedUsage,
  type BilledModel,
  type BilledSpan,
  type UpTo,
} from '../storage/clickhouse/billed-usage';
import type { AuditedSubscriptions } from '../storage/postgres/audited-subscriptions';
import type { BillingReads } from '../storage/postgres/billing/billing-reads';
import type { LogSide, SideProof } from './closing';
import type { Due } from './find-due';

/** A period that is to be proven, and whose it is. */
export type Proving = Pick<Due, 'period' | 'subscriber'>;

/** A period with what each side says of it, as of one offset per partition. */
export interface Proven extends Proving {
  readonly log: LogSide;
  readonly totals: SideProof;
  readonly warehouse: SideProof;
  /** The period, cut where the tier changed. */
  readonly spans: readonly (BilledSpan & { readonly tier: Assignment })[];
  readonly usage: readonly BilledModel[];
}

/** Asks the three sides of each period, all as of `upTo` (PROTOCOL 25). */
export async function provePeriods(
  reads: BillingReads,
  subscriptions: AuditedSubscriptions,
  clickhouse: ClickHouse,
  due: readonly Proving[],
  upTo: UpTo,
): Promise<Proven[]> {
  if (due.length === 0) return [];
  const spansOf = numberedSpans(due);
  const keys = due.map(({ period }) => period);
  const [log, totals, usage] = await Promise.all([
    reads.logSums(keys),
    subscriptions.sums(keys),
    billedUsage(clickhouse, spansOf.flat(), upTo),
  ]);
  const bySpan = new Map<number, BilledModel[]>();
  for (const row of usage) bySpan.set(row.n, [...(bySpan.get(row.n) ?? []), row]);
  return due.map((one, at) => {
    const spans = spansOf[at] ?? [];
    const used = spans.flatMap(({ n }) => bySpan.get(n) ?? []);
    return {
      ...one,
      log: log[at] as LogSide,
      totals: totals[at] as SideProof,
      warehouse: sumOf(used),
      spans,
      usage: used,
    };
  });
}

/** True where all three say the same: every unit, and the proof. */
export function agree({ log, totals, warehouse }: Proven): boolean {
  return [totals, warehouse].every(
    (side) =>
      side.proof === log.proof && UNITS.every((unit) => side.amounts[unit] === log.amounts[unit]),
  );
}

function numberedSpans(due: readonly Proving[]): Proven['spans'][] {
  let n = 0;
  return due.map(({ period: { project, customer, period }, subscriber }) =>
    tierSpans(period, subscriber.tiers).map(({ tier, span }) => ({
      n: n++,
      project,
      customer,
      span,
      tier,
    })),
  );
}

function sumOf(usage: readonly BilledModel[]): SideProof {
  const amounts = zeroAmounts();
  let proof = 0n;
  for (const row of usage) {
    addAmounts(amounts, row.amounts);
    proof = addProofs(proof, row.proof);
  }
  return { amounts, proof };
}
