import { identityText } from '../identity';
import { proofText } from '../proof';
import { totalsKeyOf } from '../totals';
import { UNITS } from '../units';
import type { UsageEvent } from '../usage-event';
import {
  describeRow,
  eventDifference,
  type Difference,
  type LoggedUse,
  type StoredUse,
} from './difference';

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
    return [eventDifference('missing', 'warehouse', entry, detail)];
  }
  if (left > expected) {
    const voided = `counts here, though offset ${voidedBy} voids it`;
    const detail = expected === 0 ? voided : `stands here ${rows.length} ×`;
    return [eventDifference('doubled', 'warehouse', entry, detail)];
  }
  const other = [...rows, ...back].find((row) => !sameEvent(event, row.event));
  return other ? [eventDifference('changed', 'warehouse', entry, changes(event, other.event))] : [];
}

function unknownVoid(entry: StoredUse): Difference {
  const row = describeRow(totalsKeyOf(entry.event));
  const detail = `takes back offset ${entry.takesBack}, where nothing in the log counts`;
  return { ...eventDifference('row', 'warehouse', entry, detail), row };
}

function unknownPlace(entry: StoredUse, counted: ReadonlySet<string>): Difference {
  if (counted.has(identityText(entry.event))) {
    return eventDifference('doubled', 'warehouse', entry, 'counts at another offset already');
  }
  const row = describeRow(totalsKeyOf(entry.event));
  const detail = 'nothing in the log that counts stands at this place';
  return { ...eventDifference('row', 'warehouse', entry, detail), row };
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
