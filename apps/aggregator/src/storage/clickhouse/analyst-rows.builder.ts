import { UNITS, type Unit } from '@tallyward/domain';
import { migrateClickHouse, openClickHouse } from '@tallyward/platform';
import { BILLING_RECORDS } from './billing-records.table';
import type { ClickHouse } from './clickhouse';
import { UNIT_COLUMNS } from './columns';
import { DECISIONS } from './decisions.table';
import { CLICKHOUSE_MIGRATIONS } from './migrations';
import { USAGE_EVENTS } from './usage-events.table';

const INSERT_ISO = { date_time_input_format: 'best_effort' } as const;

/** ClickHouse with the aggregator's tables, in a corner of its own. */
export async function openWarehouse(url: string): Promise<ClickHouse> {
  const clickhouse = await openClickHouse({ url, application: 'analysts' });
  await migrateClickHouse(clickhouse, CLICKHOUSE_MIGRATIONS);
  return clickhouse;
}

type Row = Readonly<Record<string, unknown>>;

/** October's events: two customers, two models; one of November and one of another project. */
const EVENTS: readonly Row[] = [
  event('acme', 'gpt-4o', '2026-10-05T10:15:00Z', [1_000, 500, 200], ['emea', 'u-1']),
  event('acme', 'gpt-4o', '2026-10-05T10:45:00Z', [400, 100, 0], ['emea', 'u-2']),
  event('acme', 'gpt-4.1', '2026-10-06T11:00:00Z', [2_000, 1_000, 1_000]),
  event('beta', 'gpt-4o', '2026-10-12T10:59:59.999Z', [600, 300, 0]),
  event('beta', 'gpt-4o', '2026-11-01T00:00:00Z', [10, 10, 0]),
  { ...event('acme', 'gpt-4o', '2026-10-05T10:15:00Z', [9_999, 1, 0]), project: 'other' },
];

function event(
  customer: string,
  model: string,
  time: string,
  [input, output, cached]: readonly [number, number, number],
  [workspace, user] = ['', ''],
): Row {
  return {
    project: 'demo',
    customer,
    workspace,
    user,
    model,
    model_group: model === 'gpt-4.1' ? 'premium' : 'standard',
    source: 'spec',
    time,
    received_at: time,
    calls: 1,
    tokens: input + output,
    input_tokens: input,
    output_tokens: output,
    cache_read_tokens: cached,
  };
}

const DECIDED = { project: 'demo', tier: 'Professional', tier_version: 3 };
const PREMIUM = { limit_model_group: 'premium', limit_unit: 'tokens', limit_window: 'month' };

const DECISION_ROWS: readonly Row[] = [
  decision('acme', 'block', '2026-10-20T10:00:00Z', { ...PREMIUM, limit_used: 100_000 }),
  decision('acme', 'block', '2026-10-21T10:00:00Z', { ...PREMIUM, limit_used: 99_500 }),
  decision('acme', 'throttle', '2026-10-22T10:00:00Z', {
    reason: 'rate',
    limit_model_group: '*',
    limit_unit: 'calls',
    limit_window: 'minute',
    limit_used: 75_000,
  }),
  decision('beta', 'restrict', '2026-10-22T11:00:00Z', {
    restricted_from: 'premium',
    model_group: 'standard',
    requested_model: 'gpt-4.1',
    model: 'gpt-4o',
  }),
  decision('beta', 'allow', '2026-10-22T12:00:00Z', { reason: '', overage: true }),
  { ...decision('acme', 'block', '2026-10-23T10:00:00Z', {}), project: 'other' },
];

function decision(customer: string, outcome: string, decided_at: string, more: Row): Row {
  const limit = { reason: 'used-up', limit_amount: 100_000 };
  return { ...DECIDED, customer, outcome, decided_at, as_of: decided_at, ...limit, ...more };
}

export const OCTOBER = { from: '2026-10-01T00:00:00Z', to: '2026-11-01T00:00:00Z' };

/** A record of October's, as the table holds it. */
export function recordRow(given: Row): Row {
  const { customer, model, unit, revision = 0, quantity, overage = 0 } = given;
  const included = Number(quantity) - Number(overage);
  return {
    project: 'demo',
    record_id: `${customer}-${model}-${unit}-${revision}`,
    revision,
    tier: 'Professional',
    tier_version: 3,
    period_from: OCTOBER.from,
    period_to: OCTOBER.to,
    time_zone: 'UTC',
    model_group: model === 'gpt-4.1' ? 'premium' : 'standard',
    included,
    overage,
    delta: quantity,
    included_delta: included,
    overage_delta: overage,
    events: 1,
    proof: '0123456789abcdef0123456789abcdef',
    closed_at: '2026-11-02T00:00:00Z',
    ...given,
  };
}

const LATE = { closed_at: '2026-11-03T12:00:00Z', revision: 1 };

/** A line of every customer, model and unit; one was revised, by 500 tokens of overage. */
function recordRows(): Row[] {
  const sums = new Map<string, Row>();
  for (const row of EVENTS) {
    if (row['project'] !== 'demo' || String(row['time']) >= OCTOBER.to) continue;
    for (const unit of UNITS) {
      const { customer, model } = row;
      const key = `${customer} ${model} ${unit}`;
      const quantity = Number(sums.get(key)?.['quantity'] ?? 0) + amountOf(row, unit);
      if (quantity > 0) sums.set(key, recordRow({ customer, model, unit, quantity }));
    }
  }
  const line = { customer: 'acme', model: 'gpt-4.1', unit: 'tokens' };
  sums.set('acme gpt-4.1 tokens', recordRow({ ...line, quantity: 2_500, overage: 500 }));
  const deltas = { delta: 500, included_delta: 0, overage_delta: 500 };
  return [
    ...sums.values(),
    recordRow({ ...line, ...LATE, quantity: 3_000, overage: 1_000, ...deltas }),
  ];
}

const amountOf = (row: Row, unit: Unit): number => Number(row[UNIT_COLUMNS[unit]] ?? 0);

/** What the analysts' queries and the dashboard are asked about. */
export async function insertAnalystRows(clickhouse: ClickHouse): Promise<void> {
  await insertRows(clickhouse, USAGE_EVENTS, EVENTS);
  await insertRows(clickhouse, DECISIONS, DECISION_ROWS);
  await insertRows(clickhouse, BILLING_RECORDS, recordRows());
}

export async function insertRows(clickhouse: ClickHouse, table: string, rows: readonly Row[]) {
  const values = rows.map((row, offset) => ({ partition: 0, offset, ...row }));
  const settings = { clickhouse_settings: INSERT_ISO };
  await clickhouse.insert({ table, values, format: 'JSONEachRow', ...settings });
}

/** Asks as any SQL client does: over HTTP, at the reader's address; 64-bit numbers as numbers. */
export async function askReader(
  url: string,
  sql: string,
  params: Readonly<Record<string, string | number>> = {},
): Promise<Row[]> {
  const reader = new URL(url);
  const address = new URL('/', `http://${reader.host}`);
  const search = new URLSearchParams({
    database: reader.pathname.slice(1),
    default_format: 'JSONEachRow',
    output_format_json_quote_64bit_integers: '0',
  });
  for (const [name, value] of Object.entries(params)) search.set(`param_${name}`, `${value}`);
  address.search = search.toString();
  const headers = { 'x-clickhouse-user': reader.username };
  const answer = await fetch(address, { method: 'POST', headers, body: sql });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);
}
