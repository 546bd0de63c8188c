import { joinFields } from './identity';
import { addProofs, takeProof } from './proof';
import { addAmounts, takeAmounts, UNITS, zeroAmounts, type Unit } from './units';
import type { UsageEvent, UsageLabels } from './usage-event';

/**
 * The finest step of the world's time zones: any window that starts on one can be opened from
 * totals.
 */
export const QUARTER_MS = 15 * 60_000;

/** Start of the quarter of an hour an instant lies in, epoch ms. */
export function quarterOf(time: number): number {
  return Math.floor(time / QUARTER_MS) * QUARTER_MS;
}

export interface TotalsKey extends UsageLabels {
  readonly project: string;
  readonly customer: string;
  /** Epoch ms. */
  readonly quarter: number;
}

/** One row of the totals: what counted under its key, and the sum of the events' proofs. */
export interface TotalsRow {
  readonly key: TotalsKey;
  readonly amounts: Record<Unit, number>;
  proof: bigint;
}

export function totalsKeyOf(event: UsageEvent): TotalsKey {
  const { project, customer, workspace, user, role, model, modelGroup } = event;
  return {
    project,
    customer,
    workspace,
    user,
    role,
    model,
    modelGroup,
    quarter: quarterOf(event.time),
  };
}

export function totalsKeyText(key: TotalsKey): string {
  return joinFields([
    key.project,
    key.customer,
    key.quarter,
    key.workspace,
    key.user,
    key.role,
    key.model,
    key.modelGroup,
  ]);
}

/** Folds events that count into rows, by key text. `proofOf` is MD5 over proofText, as a number. */
export function foldTotals(
  events: Iterable<UsageEvent>,
  proofOf: (event: UsageEvent) => bigint,
  into: Map<string, TotalsRow> = new Map(),
): Map<string, TotalsRow> {
  for (const event of events) {
    const row = rowOf(event, into);
    addAmounts(row.amounts, event.amounts);
    row.proof = addProofs(row.proof, proofOf(event));
  }
  return into;
}

/**
 * Takes out of rows what voids take back. A row may be all zeros then, and below zero where it was
 * counted in rows before these.
 */
export function takeFromTotals(
  events: Iterable<UsageEvent>,
  proofOf: (event: UsageEvent) => bigint,
  into: Map<string, TotalsRow>,
): void {
  for (const event of events) {
    const row = rowOf(event, into);
    takeAmounts(row.amounts, event.amounts);
    row.proof = takeProof(row.proof, proofOf(event));
  }
}

/** Where nothing is left of what counted: as good as no row. */
export function isEmptyRow({ amounts, proof }: TotalsRow): boolean {
  return proof === 0n && UNITS.every((unit) => amounts[unit] === 0);
}

function rowOf(event: UsageEvent, into: Map<string, TotalsRow>): TotalsRow {
  const key = totalsKeyOf(event);
  const text = totalsKeyText(key);
  let row = into.get(text);
  if (!row) into.set(text, (row = { key, amounts: zeroAmounts(), proof: 0n }));
  return row;
}
