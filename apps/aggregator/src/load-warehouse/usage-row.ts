import { readLogEntry, TOPICS, type RawEntry } from '@tallyward/contracts';
import { identityText, UNITS, type LoggedEvent } from '@tallyward/domain';
import { UNIT_COLUMNS } from '../storage/clickhouse';
import { homeOf, identityKey, type LoadedLog } from './loaded-log';

/** The usage log: an event a row. */
export const USAGE_LOG: LoadedLog = {
  fold: 'live',
  topic: TOPICS.usageEvents.name,
  metrics: 'warehouse',
  readRow: (raw: RawEntry) => {
    const read = readLogEntry(raw, homeOf);
    if (read.kind === 'park') return read;
    const { entry } = read;
    const identity = identityKey(identityText(entry.event));
    return { kind: 'row', event: { ...entry, identity, row: usageRow(entry) } };
  },
};

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
  return JSON.stringify(row);
}
