import {
  addAmounts,
  addProofs,
  describeRow,
  differingRows,
  totalsKeyText,
  zeroAmounts,
  type TotalsRow,
} from '@tallyward/domain';
import type { ProofRow } from '../storage/postgres/billing/audited-billing';
import { zeroSums, type SideSums } from './audit';
import { QuarterReader, type QuarterRows } from './quarters';
import { Found, unitsApart, type Told } from './reported';

/** What one partition's proofs come to. */
export interface ProofsResult {
  readonly sums: SideSums;
  /** Quarters that had usage beyond the offsets when they were read: they are not compared. */
  readonly later: number;
  readonly found: Told;
}

/** One partition: what is proven of each customer's quarter must be what the log says of it. */
export class ProofsSide {
  private readonly reader: QuarterReader;
  private readonly sums = zeroSums();
  private readonly found = new Found();
  private later = 0;

  /** `rows` are in order of their quarter; `upTo`, `provenUpTo`: next offset of log and proofs. */
  constructor(
    rows: AsyncIterator<ProofRow>,
    private readonly upTo: bigint,
    private readonly provenUpTo: bigint,
  ) {
    this.reader = new QuarterReader(rows);
  }

  /** Compares every quarter before `limit`, given the log's. */
  async take(log: ReadonlyMap<number, QuarterRows>, limit: number): Promise<void> {
    const left = new Map(log);
    for (let next = await this.reader.next(limit); next; next = await this.reader.next(limit)) {
      this.compare(left.get(next.quarter) ?? new Map(), next.rows);
      left.delete(next.quarter);
    }
    for (const rows of left.values()) this.compare(rows, new Map());
  }

  result(): ProofsResult {
    return { sums: this.sums, later: this.later, found: this.found.told() };
  }

  private compare(log: QuarterRows, proofs: QuarterRows): void {
    const [expected, present] = [byCustomer(log), new Map(proofs)];
    for (const [text, row] of proofs) {
      const { last } = row as ProofRow;
      if (last < this.upTo || last >= this.provenUpTo) continue;
      this.later += 1;
      expected.delete(text);
      present.delete(text);
    }
    for (const row of present.values()) {
      addAmounts(this.sums.amounts, row.amounts);
      this.sums.proof = addProofs(this.sums.proof, row.proof);
    }
    for (const { key, log: said, store } of differingRows(expected, present)) {
      this.found.add({
        kind: 'row',
        side: 'proofs',
        project: key.project,
        customer: key.customer,
        row: describeRow(key),
        detail: unitsApart(said?.amounts, store?.amounts) || 'the sums agree, the proof does not',
      });
    }
  }
}

const NO_LABELS = { workspace: '', user: '', role: '', model: '', modelGroup: '' };

/** The log's rows of one quarter, summed over all labels. */
function byCustomer(rows: QuarterRows): Map<string, TotalsRow> {
  const sums = new Map<string, TotalsRow>();
  for (const row of rows.values()) {
    const key = { ...row.key, ...NO_LABELS };
    const text = totalsKeyText(key);
    let sum = sums.get(text);
    if (!sum) sums.set(text, (sum = { key, amounts: zeroAmounts(), proof: 0n }));
    addAmounts(sum.amounts, row.amounts);
    sum.proof = addProofs(sum.proof, row.proof);
  }
  return sums;
}
