import { testbed } from '@tallyward/testing';
import { entryOf, foldBed, recorded, type FoldBed } from '../../load-warehouse/fold-bed.builder';
import { formBatch, rowsIn } from '../../load-warehouse/form-batch';
import { USAGE_LOG } from '../../load-warehouse/usage-row';
import { partitionOf } from '@tallyward/platform';
import { BILLING_LINES_VIEW, BILLING_RECORDS_VIEW } from './billing-records.table';
import { DIMENSIONS, EVENT_COLUMNS, UNIT_SUMS } from './columns';
import { USAGE_EVENTS } from './usage-events.table';
import { RowWriter } from './row.writer';
import { VIEW_WINDOWS, windowViewOf } from './views';

let bed: FoldBed;
beforeAll(async () => {
  bed = await foldBed(await testbed());
  await insertMonths();
});
afterAll(() => bed.close());

const KEY = 'demo:acme';
const PARTITION = partitionOf(KEY, 12);
const START = Date.parse('2028-01-31T22:00:00Z');

/** Events of five weeks over a leap day, two hours and a bit apart. */
async function insertMonths(): Promise<void> {
  const facts = Array.from({ length: 400 }, (_, n) =>
    recorded({
      time: START + n * 7_919_000,
      model: `m-${n % 3}`,
      user: n % 5 === 0 ? 'u-1' : '',
      inputTokens: n,
    }),
  );
  const entries = facts.map((fact, n) => ({
    offset: BigInt(n),
    key: KEY,
    value: Buffer.from(entryOf(fact).value ?? ''),
    headers: {},
    appendedAt: fact.time,
  }));
  const formed = formBatch(
    { partition: PARTITION, from: 0n, to: 400n, entries },
    USAGE_LOG.readRow,
  );
  const range = { topicIdentity: 'spec', partition: PARTITION, from: 0n, to: 400n };
  const writer = new RowWriter(bed.clickhouse, USAGE_EVENTS);
  await writer.insert(range, rowsIn(formed));
}

async function ask<T>(query: string): Promise<T[]> {
  return (await bed.clickhouse.query({ query, format: 'JSONEachRow' })).json<T>();
}

const columnsOf = (view: string) =>
  ask<{ name: string; type: string; comment: string }>(
    `SELECT name, type, comment FROM system.columns
     WHERE database = currentDatabase() AND table = '${view}' ORDER BY position`,
  );

describe('the views', () => {
  it('have the columns of the contract, each with a comment', async () => {
    const events = await columnsOf('usage_events_v1');
    expect(events.map(({ name }) => name)).toEqual(
      (
        'project customer workspace user role model model_group source event_id time ' +
        'received_at calls tokens input_tokens output_tokens cache_read_tokens ' +
        'cache_write_tokens reasoning_tokens images tool_calls tags partition offset'
      ).split(' '),
    );
    expect(events.length).toBe(EVENT_COLUMNS.length);
    for (const window of VIEW_WINDOWS) {
      const columns = await columnsOf(windowViewOf(window));
      expect(columns.map(({ name }) => name)).toEqual(
        [...DIMENSIONS, { name: 'window_start' }, ...UNIT_SUMS].map(({ name }) => name),
      );
      expect(columns.filter(({ comment }) => comment === '')).toEqual([]);
    }
    expect(events.filter(({ comment }) => comment === '')).toEqual([]);
    expect(events.filter(({ type }) => type.includes('Nullable'))).toEqual([]);
  });

  it('say of a decision what its message and its limit are', async () => {
    for (const table of ['decisions', 'decisions_v1']) {
      const columns = await columnsOf(table);
      const told = (of: string) => columns.find(({ name }) => name === of)?.comment;
      expect([table, told('message')]).toEqual([table, expect.stringContaining('Tallyward')]);
      expect([table, told('limit_scope')]).toEqual([table, expect.stringContaining('passed')]);
    }
  });

  it.each([
    [
      BILLING_RECORDS_VIEW,
      'project customer record_id revision tier tier_version period_from period_to time_zone ' +
        'model_group model unit quantity included overage delta included_delta overage_delta ' +
        'events proof closed_at partition offset',
    ],
    [
      BILLING_LINES_VIEW,
      'project customer record_id revision tier tier_version period_from period_to time_zone ' +
        'model_group model unit quantity included overage events proof closed_at',
    ],
  ])('%s has its columns, each with a comment and never null', async (view, names) => {
    const columns = await columnsOf(view);
    expect(columns.map(({ name }) => name)).toEqual(names.split(' '));
    expect(columns.filter(({ comment }) => comment === '')).toEqual([]);
    expect(columns.filter(({ type }) => type.includes('Nullable'))).toEqual([]);
  });

  it.each([
    ['minute', "toStartOfMinute(time, 'UTC')"],
    ['hour', "toStartOfHour(time, 'UTC')"],
    ['day', "toStartOfDay(time, 'UTC')"],
    ['month', "toDateTime(toStartOfMonth(time, 'UTC'), 'UTC')"],
  ])('per %s sum what the rows say, in windows of UTC', async (window, start) => {
    const dims = DIMENSIONS.map(({ name }) => `\`${name}\``).join(', ');
    const sums = UNIT_SUMS.map(({ name }) => `toString(sum(${name})) AS ${name}`).join(', ');
    const rows = await ask(
      `SELECT ${dims}, toUnixTimestamp(${start}) AS at, ${sums}
       FROM (SELECT * FROM usage_events_v1) GROUP BY ${dims}, at ORDER BY ${dims}, at`,
    );
    const alike = UNIT_SUMS.map(({ name }) => `toString(v.${name}) AS ${name}`).join(', ');
    const view = await ask(
      `SELECT ${dims}, toUnixTimestamp(window_start) AS at, ${alike}
       FROM usage_per_${window}_v1 AS v ORDER BY ${dims}, at`,
    );
    expect(view.length).toBeGreaterThan(5);
    expect(view).toEqual(rows);
  });

  it('per hour, day and month read a projection, and so do sums by customer and quarter', async () => {
    const explained = async (query: string): Promise<string> =>
      (await ask<{ explain: string }>(`EXPLAIN ${query}`)).map(({ explain }) => explain).join('\n');
    for (const window of ['hour', 'day', 'month']) {
      const plan = await explained(`SELECT * FROM usage_per_${window}_v1 WHERE customer = 'acme'`);
      expect(plan).toContain('(per_quarter_and_label)');
    }
    const report = `SELECT toStartOfHour(quarter) AS hour, model, sum(tokens) FROM ${USAGE_EVENTS}
      WHERE project = 'demo' AND customer = 'acme' GROUP BY hour, model`;
    expect(await explained(report)).toContain('(per_quarter)');
  });
});
