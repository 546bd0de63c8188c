import { addAmounts, addProofs } from '@tallyward/domain';
import type { AuditedBilling, OrphanRecord } from '../storage/postgres/billing/audited-billing';
import { zeroSums, type AuditScope, type BesideLog, type BesidePart, type SideSums } from './audit';
import { BillingSide } from './billing-side';
import { ProofsSide } from './proofs-side';
import type { ReportedDifference } from './reported';

/** What bills stand on, and what was billed, beside what the log says. */
export interface BesideResult {
  /** What the proofs come to; `later` quarters had usage beyond the offsets. */
  readonly proofs: SideSums & { readonly later: number };
  readonly billing: {
    readonly billed: SideSums;
    readonly log: SideSums;
    readonly periods: number;
    readonly unbilled: number;
  };
  readonly differences: readonly ReportedDifference[];
  readonly beyond: number;
}

/** Compares proofs and billing records with the log while its partitions are read. */
export class Beside {
  private constructor(
    private readonly stored: AuditedBilling,
    private readonly scope: AuditScope,
    private readonly upTo: ReadonlyMap<number, bigint>,
    private readonly provenUpTo: ReadonlyMap<number, bigint>,
  ) {}

  /** `upTo`: next offset of the log as it is compared, which the proofs have reached. */
  static async of(
    stored: AuditedBilling,
    scope: AuditScope,
    upTo: ReadonlyMap<number, bigint>,
  ): Promise<Beside> {
    return new Beside(stored, scope, upTo, await stored.provenUpTo());
  }

  readonly partition = (partition: number): BesideLog => {
    const until = [this.upTo.get(partition) ?? 0n, this.provenUpTo.get(partition) ?? 0n] as const;
    const proofs = new ProofsSide(this.stored.proofs(partition, this.scope), ...until);
    const billing = new BillingSide(this.stored.periods(partition, this.scope), ...until);
    return {
      async take(log, limit) {
        await proofs.take(log, limit);
        await billing.take(log, limit);
      },
      result: () => ({ proofs: proofs.result(), billing: billing.result() }),
    };
  };
}

/** All partitions' parts together, and records of no closed period. */
export function besideOf(
  parts: readonly BesidePart[],
  orphans: readonly OrphanRecord[],
): BesideResult {
  const proofs = { ...zeroSums(), later: 0 };
  const billing = { billed: zeroSums(), log: zeroSums(), periods: 0, unbilled: 0 };
  for (const { proofs: proven, billing: closed } of parts) {
    add(proofs, proven.sums);
    proofs.later += proven.later;
    add(billing.billed, closed.billed);
    add(billing.log, closed.log);
    billing.periods += closed.periods;
    billing.unbilled += closed.unbilled;
  }
  const found = parts.flatMap((part) => [part.proofs.found, part.billing.found]);
  return {
    ...{ proofs, billing },
    differences: [...found.flatMap(({ kept }) => kept), ...orphans.map(orphanTold)],
    beyond: found.reduce((sum, { beyond }) => sum + beyond, 0),
  };
}

function orphanTold({ project, customer, from, recordId }: OrphanRecord): ReportedDifference {
  return {
    ...{ kind: 'row', side: 'billing', project, customer },
    row: `${project} ${customer} ${new Date(from).toISOString()} record ${recordId}`,
    detail: 'no such period is closed',
  };
}

/** Adds what one partition holds to the sums of all. */
export function add(into: SideSums, more: SideSums): void {
  addAmounts(into.amounts, more.amounts);
  into.proof = addProofs(into.proof, more.proof);
}
