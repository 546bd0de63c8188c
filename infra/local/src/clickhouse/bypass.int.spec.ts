import { existsSync } from 'node:fs';
import { LOADER_TRIES, READER_TRIES, type Try } from './conformance/bypass.rows';
import { DB } from './conformance/row';
import { openTarget, send, type Target } from './conformance/target';

const STARTS_WITHIN_MS = 60_000;

describe('nobody gets out of the engine, and the reader writes nothing', () => {
  let target: Target;
  let before: string;
  beforeAll(async () => {
    target = await openTarget({});
    for (const sql of [
      `CREATE DATABASE ${DB}`,
      `CREATE TABLE ${DB}.kept (a UInt8) ENGINE = MergeTree ORDER BY a`,
      `CREATE TABLE ${DB}.words (a String) ENGINE = MergeTree ORDER BY a`,
      `INSERT INTO ${DB}.kept VALUES (1)`,
    ]) {
      const made = await send(target.loader, { body: sql });
      expect([made.status, made.text]).toEqual([200, '']);
    }
    before = await state();
  }, STARTS_WITHIN_MS);
  afterAll(() => target.end());

  const state = async (): Promise<string> =>
    (
      await send(target.loader, {
        body: `SELECT (SELECT groupArray(a) FROM ${DB}.kept), (SELECT groupArray(name) FROM (SELECT name FROM system.tables WHERE database = '${DB}' ORDER BY name)), (SELECT count() FROM system.databases) FORMAT TSV`,
      })
    ).text;
  const refused = async (base: URL, attempt: Try): Promise<void> => {
    const got = await send(base, { url: attempt.url, body: attempt.body });
    expect(`${got.status} ${got.text}`).toMatch(/^[45]\d\d Code: \d+\. DB::Exception/);
    expect(got.text).not.toContain('root:');
    // refused for what it is, and not because it tried and the other side was away
    expect(got.text).not.toMatch(/Connection refused|NETWORK_ERROR|Timeout|POCO/i);
    expect(existsSync('/tmp/tallyward-leak')).toBe(false);
  };

  it.each(READER_TRIES.map((t) => [t.name, t] as const))('reader: %s', async (_name, attempt) => {
    await refused(target.reader as URL, attempt);
  });
  it.each(READER_TRIES.map((t) => [t.name, t] as const))(
    'reader by GET: %s',
    async (_name, attempt) => {
      const url = { ...attempt.url, query: attempt.body };
      const got = await send(target.reader as URL, { method: 'GET', url });
      expect(`${got.status} ${got.text}`).toMatch(/^[45]\d\d Code: \d+\. DB::Exception/);
    },
  );
  it.each(LOADER_TRIES.map((t) => [t.name, t] as const))('loader: %s', async (_name, attempt) => {
    await refused(target.loader, attempt);
  });
  it('none of these left anything behind', async () => {
    expect(await state()).toBe(before);
  });
  it('the reader in a session stays the reader', async () => {
    const url = { session_id: 'cage' };
    await send(target.reader as URL, { url, body: 'SET max_threads = 1' });
    for (const body of [
      'SET readonly = 0',
      'SET ROLE loader',
      `INSERT INTO ${DB}.kept VALUES (9)`,
    ]) {
      const got = await send(target.reader as URL, { url, body });
      expect(`${body}: ${got.status}`).toMatch(/: [45]\d\d$/);
    }
    expect(await state()).toContain('[1]');
  });
  it('a loader does not enter the session of a reader, nor the other way round', async () => {
    const url = { session_id: 'shared' };
    await send(target.loader, { url, body: 'CREATE TEMPORARY TABLE mine (a UInt8)' });
    const got = await send(target.reader as URL, { url, body: 'SELECT * FROM mine' });
    expect(got.status).toBe(404);
  });
  it('what the reader may do works: numbers, values, format, views, CTEs, settings', async () => {
    for (const [body, answer] of [
      ['SELECT sum(number) FROM numbers(5)', '10\n'],
      ["SELECT * FROM values('a UInt8', 1, 2)", '1\n2\n'],
      [`SELECT a FROM format(JSONEachRow, 'a UInt8', '{"a":3}')`, '3\n'],
      ['SELECT * FROM view(SELECT 4)', '4\n'],
      ['WITH x AS (SELECT 5 AS a) SELECT a FROM x', '5\n'],
      [`SELECT a FROM ${DB}.kept SETTINGS max_threads = 1`, '1\n'],
      ["SELECT 'INTO OUTFILE ''x''', 'url(''x'')'", "INTO OUTFILE \\'x\\'\turl(\\'x\\')\n"],
      ['SELECT generate_series FROM generate_series(1, 2)', '1\n2\n'],
      ['(SELECT 6) UNION ALL (SELECT 6)', '6\n6\n'],
      ['FROM system.one SELECT 7', '7\n'],
    ] as const) {
      const got = await send(target.reader as URL, { body });
      expect([body, got.text]).toEqual([body, answer]);
    }
  });
});
