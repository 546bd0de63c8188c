import { addAmounts, addProofs } from '@tallyward/domain';
import type { AuditedBilling } from '../storage/postgres/billing/audited-billing';
import { zeroSums, type AuditScope, type BesideLog, type SideSums } from './audit';
import { BillingSide } from './billing-side';
import { ProofsSide } from './proofs-side';
import type { Found, ReportedDifference } from './reported';

/** Records of no closed period that are listed. */
const MOST_ORPHANS = 1_000;

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
  private readonly sides: { readonly proofs: ProofsSide; readonly billing: BillingSide }[] = [];

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
    this.sides.push({ proofs, billing });
    return {
      async take(log, limit) {
        await proofs.take(log, limit);
        await billing.take(log, limit);
      },
    };
  };

  /** After all partitions were read. */
  async result(): Promise<BesideResult> {
    const proofs = { ...zeroSums(), later: 0 };
    const billing = { billed: zeroSums(), log: zeroSums(), periods: 0, unbilled: 0 };
    const found: Found[] = [];
    for (const side of this.sides) {
      const [proven, closed] = [side.proofs.result(), side.billing.result()];
      add(proofs, proven.sums);
      proofs.later += proven.later;
      add(billing.billed, closed.billed);
      add(billing.log, closed.log);
      billing.periods += closed.periods;
      billing.unbilled += closed.unbilled;
      found.push(proven.found, closed.found);
    }
    return {
      ...{ proofs, billing },
      differences: [...found.flatMap(({ kept }) => kept), ...(await this.orphans())],
      beyond: found.reduce((sum, { beyond }) => sum + beyond, 0),
    };
  }

  private async orphans(): Promise<ReportedDifference[]> {
    const orphans = await this.stored.orphans(this.scope, MOST_ORPHANS);
    return orphans.map(({ project, customer, from, recordId }) => ({
      ...{ kind: 'row', side: 'billing', project, customer },
      row: `${project} ${customer} ${new Date(from).toISOString()} record ${recordId}`,
      detail: 'no such period is closed',
    }));
  }
}

/** Adds what one partition holds to the sums of all. */
export function add(into: SideSums, more: SideSums): void {
  addAmounts(into.amounts, more.amounts);
  into.proof = addProofs(into.proof, more.proof);
}
