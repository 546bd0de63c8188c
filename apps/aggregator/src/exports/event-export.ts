import type { EventsExportQuery } from '@tallyward/contracts';
import { UNITS } from '@tallyward/domain';
import { UNIT_COLUMNS } from '../storage/clickhouse/columns';
import { isLeft, USAGE_EVENTS } from '../storage/clickhouse/usage-events.table';
import {
  boundInstant,
  selected,
  type ExportFormat,
  type ExportStatement,
} from './export-statement';

/** Sums as whole numbers, offsets as digits (they may pass 2^53), tags as one JSON object. */
const columnsOf = (format: ExportFormat): Readonly<Record<string, string>> => ({
  customer: 'event.customer',
  workspace: 'event.workspace',
  user: 'event.`user`',
  role: 'event.role',
  model: 'event.model',
  modelGroup: 'event.model_group',
  source: 'event.source',
  id: 'event.event_id',
  time: 'event.time',
  receivedAt: 'event.received_at',
  ...Object.fromEntries(UNITS.map((unit) => [unit, `event.${UNIT_COLUMNS[unit]}`])),
  tags: format === 'csv' ? 'toJSONString(event.tags)' : 'event.tags',
  partition: 'event.partition',
  offset: 'toString(event.offset)',
});

/** The events of one project that count, in the order of the table's key: none are sorted. */
export function eventExport(
  project: string,
  { from, to, customer }: EventsExportQuery,
  format: ExportFormat,
): ExportStatement {
  const columns = columnsOf(format);
  const within = (row: string): string => `${row}.project = {project:String}
  ${customer === undefined ? '' : `AND ${row}.customer = {customer:String}`}
  AND ${row}.time >= ${boundInstant('from')} AND ${row}.time < ${boundInstant('to')}`;
  return {
    query: `SELECT ${selected(columns)} FROM ${USAGE_EVENTS} AS event
WHERE ${within('event')} AND ${isLeft('event', within('v'))}
ORDER BY event.project, event.customer, event.time, event.partition, event.offset`,
    params: {
      project,
      from: Date.parse(from),
      to: Date.parse(to),
      ...(customer === undefined ? {} : { customer }),
    },
    columns: Object.keys(columns),
  };
}
