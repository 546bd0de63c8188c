import { isEmptyRow, totalsKeyText, type TotalsKey, type TotalsRow } from '../totals';
import { UNITS } from '../units';
import type { LoggedEvent } from '../usage-event';

export type Side = 'totals' | 'warehouse';

/** One thing that a store says otherwise than the log. */
export interface Difference {
  readonly kind: 'missing' | 'doubled' | 'changed' | 'row';
  readonly side: Side;
  readonly project: string;
  readonly customer: string;
  /** The event, where one can be named; else `row` names what can't be traced to one. */
  readonly eventId?: string;
  readonly source?: string;
  readonly partition?: number;
  readonly offset?: string;
  readonly row?: string;
  readonly detail: string;
}

/** An event of the log; `voidedBy` is the offset of what took it back. */
export interface LoggedUse extends LoggedEvent {
  readonly voidedBy?: bigint;
}

/** A row of the warehouse; `takesBack` is the offset of the event that it takes back. */
export interface StoredUse extends LoggedEvent {
  readonly takesBack?: bigint;
}

/** A row on which a store and the log disagree; a side without such a row is undefined. */
export interface RowDifference {
  readonly key: TotalsKey;
  readonly log: TotalsRow | undefined;
  readonly store: TotalsRow | undefined;
}

/**
 * Rows of the same keys, by key text: those that differ in any unit or in the proof. A row of which
 * all was taken back is as good as none.
 */
export function differingRows(
  log: ReadonlyMap<string, TotalsRow>,
  store: ReadonlyMap<string, TotalsRow>,
): RowDifference[] {
  const differing: RowDifference[] = [];
  for (const [text, row] of log) {
    const other = store.get(text);
    const isSame = other ? sameRow(row, other) : isEmptyRow(row);
    if (!isSame) differing.push({ key: row.key, log: row, store: other });
  }
  for (const [text, row] of store) {
    if (log.has(text) || isEmptyRow(row)) continue;
    differing.push({ key: row.key, log: undefined, store: row });
  }
  return differing;
}

function sameRow(a: TotalsRow, b: TotalsRow): boolean {
  return a.proof === b.proof && UNITS.every((unit) => a.amounts[unit] === b.amounts[unit]);
}

/** A row's key for people: customer, quarter (UTC), labels that are set. */
export function describeRow(key: TotalsKey): string {
  const labels = (['model', 'modelGroup', 'workspace', 'user', 'role'] as const)
    .filter((label) => key[label] !== '')
    .map((label) => `${label}=${key[label]}`);
  return [key.project, key.customer, new Date(key.quarter).toISOString(), ...labels].join(' ');
}

/** Key texts of rows, for collecting the events behind them. */
export function keyTexts(rows: readonly RowDifference[]): Set<string> {
  return new Set(rows.map((row) => totalsKeyText(row.key)));
}

/** What is said of one event, at its place in the log. */
export function eventDifference(
  kind: Difference['kind'],
  side: Side,
  { event, partition, offset }: LoggedEvent,
  detail: string,
): Difference {
  const { project, customer, source, id } = event;
  const place = { partition, offset: String(offset) };
  return { kind, side, project, customer, eventId: id, source, ...place, detail };
}
