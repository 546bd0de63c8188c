import { readLogEntry, TOPICS, type RawEntry } from '@tallyward/contracts';
import { identityText, UNITS, type LoggedEvent, type UsageEvent } from '@tallyward/domain';
import { NO_VOID, UNIT_COLUMNS } from '../storage/clickhouse';
import type { KeyedEvent, KeyedVoid, ReadRow } from './form-batch';
import { homeOf, identityKey, type LoadedLog } from './loaded-log';

/** The usage log: an event a row, and one for what takes it back. */
export const USAGE_LOG: LoadedLog = {
  fold: 'live',
  topic: TOPICS.usageEvents.name,
  metrics: 'warehouse',
  readRow: (raw) => readUsage(raw, usageRow),
  voidRow,
};

/** An event of the usage log, whole. */
export interface KeyedUsage extends KeyedEvent {
  readonly event: UsageEvent;
}

/** Reads an entry of the usage log, for a fold; `rowOf` makes the row of an event. */
export function readUsage(
  raw: RawEntry,
  rowOf: (entry: LoggedEvent) => string,
): ReturnType<ReadRow<KeyedUsage>> {
  const read = readLogEntry(raw, homeOf);
  if (read.kind === 'park') return read;
  if (read.kind === 'void') {
    return { kind: 'void', event: { ...read.entry, identity: keyOf(read.entry.voids) } };
  }
  const { entry } = read;
  return { kind: 'row', event: { ...entry, identity: keyOf(entry.event), row: rowOf(entry) } };
}

const keyOf = (of: Parameters<typeof identityText>[0]): string => identityKey(identityText(of));

/**
 * The event's row with all its units below zero, at the place of the later of the two: whatever is
 * summed over the table has neither.
 */
function voidRow(event: KeyedEvent, { offset, voids }: KeyedVoid): string {
  const row = JSON.parse(event.row) as Record<string, unknown>;
  for (const unit of UNITS) row[UNIT_COLUMNS[unit]] = -Number(row[UNIT_COLUMNS[unit]]);
  row['received_at'] = voids.receivedAt;
  row['offset'] = (offset > event.offset ? offset : event.offset).toString();
  row['voids'] = event.offset.toString();
  row['void_offset'] = offset.toString();
  row['void_reason'] = voids.reason;
  row['voided_by'] = voids.actor;
  return JSON.stringify(row);
}

/**
 * One row as a JSON line, in the columns' order. It depends on the entry alone, so a batch formed
 * again from the log has the same bytes. It holds no `$`: the rows stand in a dollar-quoted text.
 */
export function usageRow({ partition, offset, event }: LoggedEvent): string {
  const row: Record<string, unknown> = {
    project: event.project,
    customer: event.customer,
    workspace: event.workspace,
    user: event.user,
    role: event.role,
    model: event.model,
    model_group: event.modelGroup,
    source: event.source,
    event_id: event.id,
    time: event.time,
    received_at: event.receivedAt,
  };
  for (const unit of UNITS) row[UNIT_COLUMNS[unit]] = event.amounts[unit];
  row['tags'] = event.tags;
  row['partition'] = partition;
  row['offset'] = offset.toString();
  row['catalogue_version'] = event.catalogueVersion;
  row['voids'] = NO_VOID;
  return JSON.stringify(row);
}
