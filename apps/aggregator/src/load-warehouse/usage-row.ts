import { UNITS, type LoggedEvent } from '@tallyward/domain';
import { UNIT_COLUMNS } from '../storage/clickhouse';

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
