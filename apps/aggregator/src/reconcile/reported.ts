import { UNITS, type Amounts, type Difference } from '@tallyward/domain';

/**
 * What is told of any side that is compared with the log: the two stores, what was billed, and the
 * proofs that bills stand on.
 */
export type ReportedDifference = Omit<Difference, 'side'> & {
  readonly side: Difference['side'] | 'billing' | 'proofs';
};

/** Differences of one side and partition that are kept; what is beyond is counted. */
const MOST_KEPT = 1_000;

/** Differences of one side and partition, and how many more there are. */
export interface Told {
  readonly kept: readonly ReportedDifference[];
  readonly beyond: number;
}

/** Gathers differences: as many as are told, and how many there are. */
export class Found {
  private readonly kept: ReportedDifference[] = [];
  private all = 0;

  add(difference: ReportedDifference): void {
    this.all += 1;
    if (this.kept.length < MOST_KEPT) this.kept.push(difference);
  }

  told(): Told {
    return { kept: this.kept, beyond: this.all - this.kept.length };
  }
}

/** Units that differ, with what the log says and what the other side does. */
export function unitsApart(log: Amounts | undefined, side: Amounts | undefined): string {
  return UNITS.filter((unit) => (log?.[unit] ?? 0) !== (side?.[unit] ?? 0))
    .map((unit) => `${unit}: log ${log?.[unit] ?? 0}, here ${side?.[unit] ?? 0}`)
    .join('; ');
}
