import { Readable } from 'node:stream';
import type { ClickHouseClient } from '@clickhouse/client';
import { DB } from './row';

/** One use of the official client: what is done, and what must come of it. */
export interface ClientRow {
  readonly name: string;
  readonly run: (client: ClickHouseClient) => Promise<unknown>;
  readonly gives: unknown;
}

const T = `${DB}.client`;
/** What a caught error of the client is told apart by. */
export const failure = (error: unknown): unknown => {
  const { code, type } = error as { code?: string; type?: string };
  return { code, type };
};

/** Definitions, inserts, errors and sessions of the official client. */
export const CLIENT_ROWS: readonly ClientRow[] = [
  { name: 'ping', run: async (c) => (await c.ping()).success, gives: true },
  {
    name: 'ping with a select',
    run: async (c) => (await c.ping({ select: true })).success,
    gives: true,
  },
  {
    name: 'command: a table, its summary and query id',
    run: async (c) => {
      const query = `CREATE TABLE ${T} (id UInt64, name String, at DateTime64(3, 'UTC'), tags Map(String, String)) ENGINE = MergeTree ORDER BY id`;
      const done = await c.command({ query, query_id: 'made-by-client' });
      return [done.query_id, done.summary?.written_rows];
    },
    gives: ['made-by-client', '0'],
  },
  {
    name: 'insert: an array of values',
    run: async (c) => {
      const values = [
        { id: 1, name: "it's “quoted” \\ 用量", at: '2026-11-21 10:15:30.123', tags: { a: 'b' } },
        { id: '18446744073709551615', name: '', at: '1970-01-01 00:00:00.000', tags: {} },
      ];
      const done = await c.insert({ table: T, values, format: 'JSONEachRow' });
      return [done.executed, done.summary?.written_rows];
    },
    gives: [true, '2'],
  },
  {
    name: 'insert: a stream of values',
    run: async (c) => {
      const rows = Array.from({ length: 1_000 }, (_, i) => ({ id: i + 10, name: `n${i}` }));
      const values = Readable.from(rows, { objectMode: true });
      return (await c.insert({ table: T, values, format: 'JSONEachRow' })).summary?.written_rows;
    },
    gives: '1000',
  },
  {
    name: 'insert: raw CSV',
    run: async (c) => {
      const values = Readable.from(['5000,csv,2026-01-01 00:00:00,{}\n'], { objectMode: false });
      return (await c.insert({ table: T, values, format: 'CSV' })).executed;
    },
    gives: true,
  },
  {
    name: 'insert: nothing',
    run: async (c) => (await c.insert({ table: T, values: [], format: 'JSONEachRow' })).executed,
    gives: false,
  },
  {
    name: 'insert: some columns',
    run: async (c) => {
      await c.insert({ table: T, values: [{ id: 6000 }], columns: ['id'], format: 'JSONEachRow' });
      const query = `SELECT name FROM ${T} WHERE id = 6000`;
      return (await c.query({ query, format: 'JSONEachRow' })).json();
    },
    gives: [{ name: '' }],
  },
  {
    name: 'query: what the inserts left',
    run: async (c) => {
      const query = `SELECT * FROM ${T} WHERE id = 1 OR id > 10000 ORDER BY id`;
      return (
        await c.query({
          query,
          format: 'JSONEachRow',
          clickhouse_settings: { output_format_json_quote_64bit_integers: 1 },
        })
      ).json();
    },
    gives: [
      { id: '1', name: "it's “quoted” \\ 用量", at: '2026-11-21 10:15:30.123', tags: { a: 'b' } },
      { id: '18446744073709551615', name: '', at: '1970-01-01 00:00:00.000', tags: {} },
    ],
  },
  {
    name: 'query: an error is a ClickHouseError with code and type',
    run: (c) => c.query({ query: 'SELECT * FROM nowhere.nothing' }).catch(failure),
    gives: { code: '81', type: 'UNKNOWN_DATABASE' },
  },
  {
    name: 'insert: an error is one too',
    run: (c) =>
      c
        .insert({ table: `${DB}.nothing`, values: [{ a: 1 }], format: 'JSONEachRow' })
        .catch(failure),
    gives: { code: '60', type: 'UNKNOWN_TABLE' },
  },
  {
    name: 'query: abort',
    run: async (c) => {
      const abort = new AbortController();
      const query = 'SELECT count() FROM numbers(100000000000) WHERE sipHash64(number) = 1';
      const asked = c.query({ query, abort_signal: abort.signal }).catch((e: Error) => e.message);
      setTimeout(() => abort.abort(), 100);
      return asked;
    },
    gives: 'The user aborted a request.',
  },
  {
    name: 'a session keeps its temporary table',
    run: async (c) => {
      const session_id = 'client-session';
      await c.command({ query: 'CREATE TEMPORARY TABLE mine (a UInt8)', session_id });
      await c.insert({
        table: 'mine',
        values: [{ a: 1 }, { a: 2 }],
        format: 'JSONEachRow',
        session_id,
      });
      const answer = await c.query({
        query: 'SELECT sum(a) AS a FROM mine',
        format: 'JSONEachRow',
        session_id,
      });
      return answer.json();
    },
    gives: [{ a: 3 }],
  },
  {
    name: 'exec: values with it',
    run: async (c) => {
      const done = await c.exec({
        query: `INSERT INTO ${T} (id, name) FORMAT JSONEachRow`,
        values: Readable.from(['{"id":7000,"name":"exec"}\n'], { objectMode: false }),
      });
      done.stream.resume();
      return done.summary?.written_rows;
    },
    gives: '1',
  },
];
