import { PROOF_MODULUS } from '../proof';
import type { TotalsKey } from '../totals';
import { UNITS } from '../units';
import type { UsageEvent } from '../usage-event';
import {
  describeRow,
  eventDifference,
  type Difference,
  type LoggedUse,
  type RowDifference,
} from './difference';

/**
 * Names the events behind differing totals rows. A row keeps the sum of its events' proofs, so a
 * sum that is off by exactly one event's proof names that event, also one that was voided; a row
 * that gained what another lost names the move. What no single event explains is named as the row.
 */
export function explainTotals(
  rows: readonly RowDifference[],
  eventsOf: (key: TotalsKey) => readonly LoggedUse[],
  proofOf: (event: UsageEvent) => bigint,
): Difference[] {
  const found = rows.map((row) => ({ row, ...offByOne(row, eventsOf(row.key), proofOf) }));
  const gained = new Set(found.filter(({ kind }) => kind === 'row').map(({ row }) => row));
  const explained: Difference[] = [];
  for (const { row, kind, entry } of found) {
    if (kind === 'row' || !entry) continue;
    const target = kind === 'missing' ? movedTo(entry.event, gained, proofOf) : undefined;
    if (target) {
      gained.delete(target);
      explained.push(eventDifference('changed', 'totals', entry, movedDetail(row.key, target.key)));
    } else {
      const voided = entry.voidedBy === undefined ? '' : ` (offset ${entry.voidedBy} voids it)`;
      explained.push(eventDifference(kind, 'totals', entry, rowDetail(row) + voided));
    }
  }
  for (const row of gained) explained.push(ofRow(row));
  return explained;
}

function surplus(row: RowDifference): bigint {
  const difference = (row.store?.proof ?? 0n) - (row.log?.proof ?? 0n);
  return ((difference % PROOF_MODULUS) + PROOF_MODULUS) % PROOF_MODULUS;
}

function offByOne(
  row: RowDifference,
  events: readonly LoggedUse[],
  proofOf: (event: UsageEvent) => bigint,
): { kind: 'missing' | 'doubled' | 'row'; entry?: LoggedUse } {
  const more = surplus(row);
  const less = (PROOF_MODULUS - more) % PROOF_MODULUS;
  if (more === 0n) return { kind: 'row' };
  for (const entry of events) {
    const proof = proofOf(entry.event);
    if (proof === less) return { kind: 'missing', entry };
    if (proof === more) return { kind: 'doubled', entry };
  }
  return { kind: 'row' };
}

function movedTo(
  event: UsageEvent,
  candidates: ReadonlySet<RowDifference>,
  proofOf: (event: UsageEvent) => bigint,
): RowDifference | undefined {
  for (const row of candidates) {
    const { quarter: _, ...labels } = row.key;
    if (surplus(row) === proofOf({ ...event, ...labels })) return row;
  }
  return undefined;
}

function movedDetail(from: TotalsKey, to: TotalsKey): string {
  return `moved: the log has it under ${describeRow(from)}, the totals under ${describeRow(to)}`;
}

function rowDetail({ log, store }: RowDifference): string {
  const parts = UNITS.filter(
    (unit) => (log?.amounts[unit] ?? 0) !== (store?.amounts[unit] ?? 0),
  ).map((unit) => `${unit}: log ${log?.amounts[unit] ?? 0}, store ${store?.amounts[unit] ?? 0}`);
  return parts.length > 0 ? parts.join('; ') : 'the sums agree, the proof does not';
}

function ofRow(row: RowDifference): Difference {
  return {
    kind: 'row',
    side: 'totals',
    project: row.key.project,
    customer: row.key.customer,
    row: describeRow(row.key),
    detail: rowDetail(row),
  };
}
