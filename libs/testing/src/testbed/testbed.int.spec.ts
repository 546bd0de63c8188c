import { Client } from 'pg';
import { testbed, type Testbed } from './testbed';

let bed: Testbed;
beforeAll(async () => {
  bed = await testbed();
});
afterAll(() => bed.close());

const ask = async (url: string, sql: string) => {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
};

const clickhouse = async (url: string, sql: string) => {
  const { origin, pathname, username, password } = new URL(url);
  const address = `${origin}/?database=${pathname.slice(1)}&query=${encodeURIComponent(sql)}`;
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const answer = await fetch(address, { method: 'POST', headers: { authorization } });
  return { status: answer.status, text: await answer.text() };
};

describe('the testbed', () => {
  it('gives each role its own schema and nothing of the others', async () => {
    await ask(bed.postgres.entitlement, 'CREATE TABLE mine (n int); INSERT INTO mine VALUES (1)');
    await ask(bed.postgres.aggregator, 'CREATE TABLE own (n int)');
    await expect(ask(bed.postgres.aggregator, 'SELECT * FROM entitlement.mine')).rejects.toThrow(
      'permission denied',
    );
    await expect(ask(bed.postgres.entitlement, 'CREATE TABLE public.mine (n int)')).rejects.toThrow(
      'permission denied',
    );
    await expect(
      ask(bed.postgres.entitlement, 'CREATE TABLE aggregator.mine (n int)'),
    ).rejects.toThrow('permission denied');
  });

  it('lets the auditor read both schemas and write neither', async () => {
    expect(await ask(bed.postgres.auditor, 'SELECT n FROM entitlement.mine')).toEqual([{ n: 1 }]);
    expect(await ask(bed.postgres.auditor, 'SELECT n FROM aggregator.own')).toEqual([]);
    await expect(
      ask(bed.postgres.auditor, 'INSERT INTO entitlement.mine VALUES (2)'),
    ).rejects.toThrow(/read-only transaction/);
    await expect(
      ask(bed.postgres.auditor, 'BEGIN READ WRITE; INSERT INTO entitlement.mine VALUES (2)'),
    ).rejects.toThrow('permission denied');
  });

  it('keeps two beds apart in Postgres and ClickHouse', async () => {
    const other = await testbed();
    try {
      expect(other.namespace).not.toBe(bed.namespace);
      expect(
        await ask(other.postgres.admin, `SELECT to_regclass('entitlement.mine') AS t`),
      ).toEqual([{ t: null }]);
      const make = 'CREATE TABLE t (n Int32) ENGINE = MergeTree ORDER BY n';
      expect(await clickhouse(bed.clickhouse.loader, make)).toMatchObject({ status: 200 });
      expect((await clickhouse(other.clickhouse.loader, 'EXISTS TABLE t')).text.trim()).toBe('0');
      expect((await clickhouse(bed.clickhouse.reader, 'SELECT count() FROM t')).text.trim()).toBe(
        '0',
      );
      expect((await clickhouse(bed.clickhouse.reader, 'INSERT INTO t VALUES (1)')).status).not.toBe(
        200,
      );
    } finally {
      await other.close();
    }
  });

  it('does not let a spec end engines that others use', () => {
    expect(() => bed.kill('kafka')).toThrow("testbed({ own: ['kafka'] })");
  });
});
