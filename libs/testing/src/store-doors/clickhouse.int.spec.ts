import { until } from '@tallyward/local';
import {
  clickHouseClient,
  clickHouseCode,
  isClickHouseLoss,
  isClickHouseTransient,
  migrateClickHouse,
  openClickHouse,
  pingClickHouse,
} from '@tallyward/platform';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { testbed, type Testbed } from '../testbed/testbed';

type Client = Awaited<ReturnType<typeof openClickHouse>>;

let bed: Testbed;
let client: Client;
beforeAll(async () => {
  bed = await testbed({ own: ['clickhouse'] });
  client = await openClickHouse({ url: bed.clickhouse.loader, application: 'spec' });
});
afterAll(async () => {
  await client.close();
  await bed.close();
});

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}
async function rowsOf(query: string): Promise<unknown[]> {
  return (await client.query({ query, format: 'JSONEachRow' })).json();
}

test('inserts are never answered before their guard was looked at', async () => {
  const [row] = await rowsOf(
    `SELECT toString(getSetting('async_insert')) AS later,
            toString(getSetting('deduplicate_blocks_in_dependent_materialized_views')) AS views`,
  );
  expect(row).toEqual({
    later: expect.stringMatching(/^(0|false)$/),
    views: expect.stringMatching(/^(1|true)$/),
  });
});

test('migrations run once, in order; what was changed afterwards is refused', async () => {
  const first = {
    id: '001-base',
    statements: ['CREATE TABLE base (n Int32) ENGINE = MergeTree ORDER BY n'],
  };
  const second = { id: '002-seed', statements: ['INSERT INTO base VALUES (1)'] };
  expect(await migrateClickHouse(client, [first])).toEqual(['001-base']);
  expect(await migrateClickHouse(client, [first, second])).toEqual(['002-seed']);
  expect(await migrateClickHouse(client, [first, second])).toEqual([]);
  expect(await rowsOf('SELECT n FROM base')).toEqual([{ n: 1 }]);
  const changed = { ...second, statements: ['INSERT INTO base VALUES (2)'] };
  await expect(migrateClickHouse(client, [first, changed])).rejects.toThrow('002-seed was changed');
  await expect(migrateClickHouse(client, [first, first])).rejects.toThrow('one id');
});

test('a migration that broke off half-way is run again from its start', async () => {
  const make = 'CREATE TABLE IF NOT EXISTS later (n Int32) ENGINE = MergeTree ORDER BY n';
  const broken = { id: '003-later', statements: [make, 'SELECT * FROM nowhere'] };
  const failure = await failureOf(migrateClickHouse(client, [broken]));
  expect([clickHouseCode(failure), isClickHouseTransient(failure)]).toEqual(['60', false]);
  const whole = { id: '003-later', statements: [make] };
  expect(await migrateClickHouse(client, [whole])).toEqual(['003-later']);
});

test('a server that takes connections and says nothing is given up at the ping’s deadline', async () => {
  const mute = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(mute, 'listening');
  const url = `http://127.0.0.1:${(mute.address() as AddressInfo).port}/x`;
  const silent = clickHouseClient({ url, application: 'spec' });
  expect(await pingClickHouse(silent)).toMatchObject({ ok: false });
  await silent.close();
  await expect(openClickHouse({ url, application: 'spec', waitMs: 0 })).rejects.toThrow();
  mute.close();
});

test('kill -9 in mid-query is told as a loss, and the client serves once the server does', async () => {
  const inFlight = failureOf(rowsOf('SELECT sum(sipHash64(number)) FROM numbers(100000000000)'));
  await until(async () => (await pingClickHouse(client)).ok, { what: 'a ping' });
  bed.kill('clickhouse');
  expect(isClickHouseLoss(await inFlight)).toBe(true);
  await bed.serves('clickhouse');
  await until(() => rowsOf('SELECT 1 AS one'), { what: 'the client to serve again' });
});

test('a server that is not up yet is waited for, but not for ever', async () => {
  await bed.stop('clickhouse');
  const troubles: string[] = [];
  const options = {
    url: bed.clickhouse.loader,
    application: 'spec',
    onTrouble: (message: string) => void troubles.push(message),
  };
  const given = await failureOf(openClickHouse({ ...options, waitMs: 300 }));
  expect(isClickHouseLoss(given)).toBe(true);
  expect(troubles).toContain('waiting for ClickHouse');
  const waiting = openClickHouse(options);
  await bed.start('clickhouse');
  const late = await waiting;
  expect(await pingClickHouse(late)).toEqual({ ok: true });
  await late.close();
});
