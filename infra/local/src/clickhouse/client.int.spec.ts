import { createClient, type ClickHouseClient } from '@clickhouse/client';
import { CLIENT_QUERY_ROWS } from './conformance/client-query.rows';
import { CLIENT_ROWS } from './conformance/client.rows';
import { DB } from './conformance/row';
import { openTarget, type Target } from './conformance/target';

const STARTS_WITHIN_MS = 60_000;

describe.each([
  ['plain', false],
  ['with gzip both ways', true],
] as const)('the official client finds a ClickHouse server, %s', (_name, compressed) => {
  let target: Target;
  let client: ClickHouseClient;
  beforeAll(async () => {
    target = await openTarget();
    client = createClient({
      url: target.loader.href,
      compression: { request: compressed, response: compressed },
      log: { level: 127 },
    });
    await client.command({ query: `CREATE DATABASE IF NOT EXISTS ${DB}` });
  }, STARTS_WITHIN_MS);
  afterAll(async () => {
    await client.command({ query: `DROP DATABASE IF EXISTS ${DB}` });
    await client.close();
    await target.end();
  });

  it.each([...CLIENT_ROWS, ...CLIENT_QUERY_ROWS].map((row) => [row.name, row] as const))(
    '%s',
    async (_title, row) => {
      expect(await row.run(client)).toEqual(row.gives);
    },
  );
});
