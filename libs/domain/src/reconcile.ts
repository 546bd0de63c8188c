import { identityText } from './identity';
import { PROOF_MODULUS, proofText } from './proof';
import { isEmptyRow, totalsKeyOf, totalsKeyText, type TotalsKey, type TotalsRow } from './totals';
import { UNITS } from './units';
import type { LoggedEvent, UsageEvent } from './usage-event';

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
      explained.push(ofEvent('changed', 'totals', entry, movedDetail(row.key, target.key)));
    } else {
      const voided = entry.voidedBy === undefined ? '' : ` (offset ${entry.voidedBy} voids it)`;
      explained.push(ofEvent(kind, 'totals', entry, rowDetail(row) + voided));
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

function ofEvent(
  kind: Difference['kind'],
  side: Side,
  { event, partition, offset }: LoggedEvent,
  detail: string,
): Difference {
  const { project, customer, source, id } = event;
  const place = { partition, offset: String(offset) };
  return { kind, side, project, customer, eventId: id, source, ...place, detail };
}

/**
 * Names the events behind differing warehouse rows, by place in the log: `logged` are the events
 * under the differing keys, those that are voided among them, `stored` the warehouse's rows.
 */
export function explainWarehouse(
  logged: readonly LoggedUse[],
  stored: readonly StoredUse[],
): Difference[] {
  const [events, voids] = [new Map<string, StoredUse[]>(), new Map<string, StoredUse[]>()];
  for (const entry of stored) {
    const { partition, offset, takesBack } = entry;
    if (takesBack === undefined) push(events, `${partition}@${offset}`, entry);
    else push(voids, `${partition}@${takesBack}`, entry);
  }
  const differences: Difference[] = [];
  for (const entry of logged) {
    const place = `${entry.partition}@${entry.offset}`;
    differences.push(...differing(entry, events.get(place) ?? [], voids.get(place) ?? []));
    events.delete(place);
    voids.delete(place);
  }
  const counted = new Set(logged.map((entry) => identityText(entry.event)));
  for (const entry of [...events.values()].flat()) differences.push(unknownPlace(entry, counted));
  for (const entry of [...voids.values()].flat()) differences.push(unknownVoid(entry));
  return differences;
}

function push(into: Map<string, StoredUse[]>, place: string, entry: StoredUse): void {
  const there = into.get(place);
  if (there) there.push(entry);
  else into.set(place, [entry]);
}

/** One event of the log against its rows, and the rows that take it back. */
function differing(
  entry: LoggedUse,
  rows: readonly StoredUse[],
  back: readonly StoredUse[],
): Difference[] {
  const { event, voidedBy } = entry;
  const expected = voidedBy === undefined ? 1 : 0;
  const left = rows.length - back.length;
  if (left < expected) {
    const detail = rows.length === 0 ? 'in the log, not here' : 'taken back here, not in the log';
    return [ofEvent('missing', 'warehouse', entry, detail)];
  }
  if (left > expected) {
    const voided = `counts here, though offset ${voidedBy} voids it`;
    const detail = expected === 0 ? voided : `stands here ${rows.length} ×`;
    return [ofEvent('doubled', 'warehouse', entry, detail)];
  }
  const other = [...rows, ...back].find((row) => !sameEvent(event, row.event));
  return other ? [ofEvent('changed', 'warehouse', entry, changes(event, other.event))] : [];
}

function unknownVoid(entry: StoredUse): Difference {
  const row = describeRow(totalsKeyOf(entry.event));
  const detail = `takes back offset ${entry.takesBack}, where nothing in the log counts`;
  return { ...ofEvent('row', 'warehouse', entry, detail), row };
}

function unknownPlace(entry: StoredUse, counted: ReadonlySet<string>): Difference {
  if (counted.has(identityText(entry.event))) {
    return ofEvent('doubled', 'warehouse', entry, 'counts at another offset already');
  }
  const row = describeRow(totalsKeyOf(entry.event));
  const detail = 'nothing in the log that counts stands at this place';
  return { ...ofEvent('row', 'warehouse', entry, detail), row };
}

function sameEvent(a: UsageEvent, b: UsageEvent): boolean {
  return a.project === b.project && proofText(a) === proofText(b);
}

function changes(log: UsageEvent, store: UsageEvent): string {
  const labels = ['project', 'customer', 'source', 'id', 'time'] as const;
  const who = ['model', 'modelGroup', 'workspace', 'user', 'role'] as const;
  const fields = [...labels, ...who].map((name) => [name, log[name], store[name]] as const);
  const units = UNITS.map((unit) => [unit, log.amounts[unit], store.amounts[unit]] as const);
  return [...fields, ...units]
    .filter(([, there, here]) => there !== here)
    .map(([name, there, here]) => `${name}: log ${there}, here ${here}`)
    .join('; ');
}

/** Key texts of rows, for collecting the events behind them. */
export function keyTexts(rows: readonly RowDifference[]): Set<string> {
  return new Set(rows.map((row) => totalsKeyText(row.key)));
}
