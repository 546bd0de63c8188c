import type { ClickHouseClient } from '@clickhouse/client';
import {
  amountsRecord,
  UNITS,
  type StoredUse,
  type TotalsKey,
  type TotalsRow,
} from '@tallyward/domain';
import { NO_VOID, QUARTER_COLUMN, UNIT_COLUMNS } from './columns';
import { quoted, USAGE_EVENTS } from './usage-events.table';

/** Whose rows, of which partition up to which offset, of which quarters (epoch ms; null: all). */
export interface AuditedRange {
  readonly partition: number;
  readonly upTo: bigint;
  readonly customer: string | null;
  readonly from: number | null;
  readonly to: number | null;
}

const LABELS = ['project', 'customer', 'workspace', 'user', 'role', 'model', 'model_group'];
const UNIT_LIST = UNITS.map((unit) => UNIT_COLUMNS[unit]);
/** The most that the local server lets a reader ask for. */
const AUDIT_DEADLINE_S = 300;
const SETTINGS = {
  max_execution_time: AUDIT_DEADLINE_S,
  output_format_json_quote_64bit_integers: 1 as const,
  wait_end_of_query: 0 as const,
};

/** The bytes that a proof hashes, as libs/domain's proofText makes them, in SQL. */
/** Of the rows that take an event back, the event's own. */
const ABSOLUTE = UNIT_LIST.map((column) => `toString(abs(${column}))`);
const PROOF_FIELDS = [
  'customer',
  'source',
  'event_id',
  'toString(toUnixTimestamp64Milli(time))',
  'toString(model)',
  'toString(model_group)',
  'workspace',
  quoted('user'),
  'role',
  ...ABSOLUTE,
];
const PROOF_TEXT = `concat(${PROOF_FIELDS.map((f) => `toString(length(${f})), ':', ${f}`).join(', ')})`;
const PROOF = `reinterpretAsUInt128(MD5(${PROOF_TEXT}))`;
/** Modulo 2^128, as the sum is: a difference of unsigned numbers has a sign. */
const LESS_PROOF = `toUInt128(toUInt128(0) - ${PROOF})`;
/** The sum of the proofs of `usage_events`' rows, less those taken back, as digits. */
export const PROOF_SUM = `toString(sum(if(calls < 0, ${LESS_PROOF}, ${PROOF})))`;

/** One partition's rows, summed as the totals are, in order of their quarter. */
export async function* auditedRows(
  clickhouse: ClickHouseClient,
  range: AuditedRange,
): AsyncGenerator<TotalsRow> {
  const labels = LABELS.map(quoted).join(', ');
  // Sums have names of their own: an alias that names a column would stand for it in the proof.
  const sums = UNIT_LIST.map((column) => `toString(sum(${column})) AS sum_${column}`);
  const rows = ask(
    clickhouse,
    `SELECT toString(toUnixTimestamp64Milli(${QUARTER_COLUMN})) AS at, ${labels},
  ${sums.join(', ')}, ${PROOF_SUM} AS proof
FROM ${USAGE_EVENTS} WHERE ${conditions(range)}
GROUP BY ${QUARTER_COLUMN}, ${labels} ORDER BY ${QUARTER_COLUMN}`,
    parameters(range),
  );
  for await (const row of rows) yield totalsRowOf(row);
}

/** The stored events under some keys, and what takes events back: for naming what differs. */
export async function* auditedEvents(
  clickhouse: ClickHouseClient,
  range: AuditedRange,
  quarters: readonly number[],
): AsyncGenerator<StoredUse> {
  const rows = ask(
    clickhouse,
    `SELECT ${LABELS.map(quoted).join(', ')}, source, event_id,
  toString(toUnixTimestamp64Milli(time)) AS at, ${UNIT_LIST.join(', ')},
  partition, toString(offset) AS place, toString(voids) AS takes_back
FROM ${USAGE_EVENTS} WHERE ${conditions(range)}
  AND toUnixTimestamp64Milli(${QUARTER_COLUMN}) IN (${quarters.join(', ')})`,
    parameters(range),
  );
  for await (const row of rows) yield eventOf(row);
}

function conditions(range: AuditedRange): string {
  const quarter = `toUnixTimestamp64Milli(${QUARTER_COLUMN})`;
  return [
    `${quoted('partition')} = {partition:UInt16}`,
    `${quoted('offset')} < {upTo:UInt64}`,
    ...(range.customer === null ? [] : ['customer = {customer:String}']),
    ...(range.from === null ? [] : [`${quarter} >= {from:Int64}`]),
    ...(range.to === null ? [] : [`${quarter} < {to:Int64}`]),
  ].join(' AND ');
}

function parameters(range: AuditedRange): Record<string, string | number> {
  const { partition, upTo, customer, from, to } = range;
  return {
    partition,
    upTo: String(upTo),
    ...(customer === null ? {} : { customer }),
    ...(from === null ? {} : { from }),
    ...(to === null ? {} : { to }),
  };
}

type Row = Record<string, string | number>;

async function* ask(
  clickhouse: ClickHouseClient,
  query: string,
  params: Record<string, string | number>,
): AsyncGenerator<Row> {
  const answer = await clickhouse.query({
    query,
    query_params: params,
    format: 'JSONEachRow',
    clickhouse_settings: SETTINGS,
  });
  for await (const rows of answer.stream<Row>()) for (const row of rows) yield row.json<Row>();
}

function labelsOf(row: Row): Omit<TotalsKey, 'quarter'> {
  const text = (name: string): string => String(row[name] ?? '');
  return {
    project: text('project'),
    customer: text('customer'),
    workspace: text('workspace'),
    user: text('user'),
    role: text('role'),
    model: text('model'),
    modelGroup: text('model_group'),
  };
}

function amountsOf(row: Row, prefix = ''): TotalsRow['amounts'] {
  return amountsRecord((unit) => Number(row[prefix + UNIT_COLUMNS[unit]]));
}

function totalsRowOf(row: Row): TotalsRow {
  const key = { ...labelsOf(row), quarter: Number(row['at']) };
  return { key, amounts: amountsOf(row, 'sum_'), proof: BigInt(String(row['proof'])) };
}

function eventOf(row: Row): StoredUse {
  const takesBack = String(row['takes_back']);
  const amounts = amountsOf(row);
  return {
    ...(takesBack === NO_VOID ? {} : { takesBack: BigInt(takesBack) }),
    partition: Number(row['partition']),
    offset: BigInt(String(row['place'])),
    appendedAt: 0,
    event: {
      ...labelsOf(row),
      source: String(row['source']),
      id: String(row['event_id']),
      time: Number(row['at']),
      receivedAt: 0,
      catalogueVersion: 0,
      content: '',
      tags: {},
      hold: null,
      amounts: amountsRecord((unit) => Math.abs(amounts[unit])),
    },
  };
}
