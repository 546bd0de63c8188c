import { clickHouseClient, migrateClickHouse } from '@tallyward/platform';
import { testbed, type Testbed } from '@tallyward/testing';
import { createHash } from 'node:crypto';
import { CLICKHOUSE_MIGRATIONS } from './migrations';
import { USAGE_EVENTS } from './usage-events.table';

const ROWS = 5_000;
const TOKENS = 3;

let bed: Testbed;
let clickhouse: ReturnType<typeof clickHouseClient>;
beforeAll(async () => {
  bed = await testbed();
  clickhouse = clickHouseClient({ url: bed.clickhouse.loader, application: 'spec' });
});
afterAll(async () => {
  await clickhouse?.close();
  await bed?.close();
});

async function ask(query: string): Promise<Record<string, string>[]> {
  const answer = await clickhouse.query({ query, format: 'JSONEachRow' });
  return answer.json<Record<string, string>>();
}

/** One customer's hours, by the view. */
const HOURS = `SELECT toString(sum(calls)) AS calls, toString(sum(tokens)) AS tokens
  FROM usage_per_hour_v1 WHERE customer = 'c1'`;

const insert = (columns: string, values: string): Promise<unknown> =>
  clickhouse.command({
    query: `INSERT INTO ${USAGE_EVENTS} (project, customer, model, source, event_id, time, calls,
        tokens, \`partition\`, \`offset\`${columns})
      SELECT 'demo', 'c1', 'm', 's', toString(number),
        toDateTime64('2026-10-02 00:00:00', 3, 'UTC') + number, ${values}
      FROM numbers(${ROWS})`,
  });

describe('the migrations of ClickHouse', () => {
  it('of released steps are never changed', () => {
    const hashes = CLICKHOUSE_MIGRATIONS.slice(0, RELEASED.length).map(({ statements }) =>
      createHash('sha256').update(JSON.stringify(statements)).digest('hex').slice(0, 16),
    );
    expect(hashes).toEqual(RELEASED);
  });

  it('bring a table with rows to where rows below zero can be taken off', async () => {
    await migrateClickHouse(clickhouse, CLICKHOUSE_MIGRATIONS.slice(0, 6));
    await insert('', `1, ${TOKENS}, 0, number`);
    const before = await ask(HOURS);
    expect(await migrateClickHouse(clickhouse, CLICKHOUSE_MIGRATIONS)).toEqual(['0007-voids']);
    expect(await ask(HOURS)).toEqual(before);
    await insert(', voids', `-1, -${TOKENS}, 0, ${ROWS} + number, number`);
    await insert('', `1, ${TOKENS}, 1, number`);
    expect(await ask(HOURS)).toEqual([{ calls: String(ROWS), tokens: String(ROWS * TOKENS) }]);
    const listed = await ask(`SELECT toString(count()) AS calls FROM usage_events_v1`);
    expect(listed).toEqual([{ calls: String(ROWS) }]);
    const plan = await ask(`EXPLAIN projections = 1 ${HOURS}`);
    expect(JSON.stringify(plan)).toMatch(/per_quarter/);
    expect(await migrateClickHouse(clickhouse, CLICKHOUSE_MIGRATIONS)).toEqual([]);
  });
});

/** What ran somewhere: a step that is changed later would be refused there. */
const RELEASED = [
  '38cb6adb6e8694a3',
  'a3bbdfaef50a54a9',
  '40f55e9ba86f66fe',
  '166e49a0d496b2a6',
  '566557053ad5c4ee',
  'b9937e88a93579fa',
];
