import { gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import { DB, type Row } from './row';

const T = `${DB}.events`;
const summary = (more: string): RegExp => new RegExp(`"read_rows":"\\d+".*${more}`);

/** Requests as curl sends them by hand and in scripts. */
export const CURL_ROWS: readonly Row[] = [
  { name: 'ping', send: { method: 'GET', path: '/ping', auth: 'none' }, body: 'Ok.\n' },
  { name: 'the bare address', send: { method: 'GET', auth: 'none' }, body: 'Ok.\n' },
  {
    name: 'replicas_status',
    send: { method: 'GET', path: '/replicas_status', auth: 'none' },
    body: 'Ok.\n',
  },
  {
    name: 'a path nobody serves',
    send: { method: 'GET', path: '/nowhere' },
    status: 404,
    body: /There is no handle \/nowhere/,
  },
  {
    name: 'a GET with the query in the address',
    send: { method: 'GET', url: { query: 'SELECT 1' } },
    headers: {
      'Content-Type': /^text\/tab-separated-values/,
      'X-ClickHouse-Format': 'TabSeparated',
      'X-ClickHouse-Timezone': /\S/,
      'X-ClickHouse-Server-Display-Name': /\S/,
      'X-ClickHouse-Query-Id': /^[0-9a-f-]{36}$/,
      'X-ClickHouse-Summary': summary('"elapsed_ns":"\\d+"'),
    },
    body: '1\n',
  },
  { name: 'the query in the body', send: { body: 'SELECT 1' }, body: '1\n' },
  {
    name: 'half the query in the address, half in the body',
    send: { url: { query: 'SELECT sum(number)' }, body: 'FROM numbers(4)' },
    body: '6\n',
  },
  { name: 'a semicolon at the end', send: { body: 'SELECT 1;\n' }, body: '1\n' },
  {
    name: 'comments of every kind',
    send: { body: '-- one\n/* two /* three */ */ SELECT 1 -- four\n' },
    body: '1\n',
  },
  {
    name: 'FORMAT in the query wins over default_format',
    send: { url: { default_format: 'JSON' }, body: 'SELECT 1 AS a FORMAT CSV' },
    headers: { 'X-ClickHouse-Format': 'CSV', 'Content-Type': /^text\/csv; charset=UTF-8/ },
    body: '1\n',
  },
  {
    name: 'SETTINGS behind FORMAT',
    send: { body: "SELECT getSetting('max_block_size') FORMAT TSV SETTINGS max_block_size = 77" },
    body: '77\n',
  },
  {
    name: 'default_format',
    send: { url: { default_format: 'JSONEachRow' }, body: 'SELECT 1 AS a' },
    headers: { 'Content-Type': /^application\/x-ndjson/ },
    body: '{"a":1}\n',
  },
  {
    name: 'X-ClickHouse-Format',
    send: { headers: { 'X-ClickHouse-Format': 'CSVWithNames' }, body: "SELECT 1 AS a, 'x' AS b" },
    body: '"a","b"\n1,"x"\n',
  },
  {
    name: 'database in the address',
    send: { url: { database: 'system' }, body: 'SELECT currentDatabase(), count() FROM one' },
    body: 'system\t1\n',
  },
  {
    name: 'X-ClickHouse-Database',
    send: { headers: { 'X-ClickHouse-Database': 'system' }, body: 'SELECT currentDatabase()' },
    body: 'system\n',
  },
  {
    name: 'a setting in the address',
    send: { url: { max_block_size: '1234' }, body: "SELECT getSetting('max_block_size')" },
    body: '1234\n',
  },
  {
    name: 'a query id of the client',
    send: { url: { query_id: 'mine-1' }, body: 'SELECT 1' },
    headers: { 'X-ClickHouse-Query-Id': 'mine-1' },
  },
  {
    name: 'a gzip answer',
    send: {
      headers: { 'Accept-Encoding': 'gzip' },
      url: { enable_http_compression: '1' },
      body: 'SELECT 5',
    },
    headers: { 'Content-Encoding': 'gzip' },
    body: (got) => expect(gunzipSync(got.bytes).toString()).toBe('5\n'),
  },
  {
    name: 'a deflate answer',
    send: {
      headers: { 'Accept-Encoding': 'deflate' },
      url: { enable_http_compression: '1' },
      body: 'SELECT 5',
    },
    headers: { 'Content-Encoding': 'deflate' },
    body: (got) => expect(inflateSync(got.bytes).toString()).toBe('5\n'),
  },
  {
    name: 'no compression when it is switched off',
    send: {
      headers: { 'Accept-Encoding': 'gzip' },
      url: { enable_http_compression: '0' },
      body: 'SELECT 5',
    },
    body: '5\n',
  },
  {
    name: 'a gzip query',
    send: { headers: { 'Content-Encoding': 'gzip' }, body: gzipSync('SELECT 6') },
    body: '6\n',
  },
  {
    name: 'wait_end_of_query',
    send: { url: { wait_end_of_query: '1' }, body: 'SELECT count() FROM numbers(1000000)' },
    body: '1000000\n',
  },
  {
    name: 'a definition',
    send: { body: `CREATE TABLE ${T} (id UInt64, name String) ENGINE = MergeTree ORDER BY id` },
    headers: { 'X-ClickHouse-Summary': summary('"written_rows":"0"') },
    body: '',
  },
  {
    name: 'rows in the body, the INSERT in the address',
    send: {
      url: { query: `INSERT INTO ${T} FORMAT JSONEachRow` },
      body: '{"id":1,"name":"a"}\n{"id":2}',
    },
    headers: { 'X-ClickHouse-Summary': /"written_rows":"2"/ },
    body: '',
  },
  {
    name: 'rows behind the INSERT in one body',
    send: { body: `INSERT INTO ${T} FORMAT JSONEachRow\n{"id":3,"name":"it's; -- all /* data"}` },
    headers: { 'X-ClickHouse-Summary': /"written_rows":"1"/ },
  },
  {
    name: 'VALUES with expressions, a semicolon and a doubled quote',
    send: { body: `INSERT INTO ${T} (id, name) VALUES (4, concat('a','b')), (5, 'x;''y')` },
    headers: { 'X-ClickHouse-Summary': /"written_rows":"2"/ },
  },
  {
    name: 'chunked rows',
    send: {
      url: { query: `INSERT INTO ${T} FORMAT CSV` },
      headers: { 'Transfer-Encoding': 'chunked' },
      body: ['6,"li', 'ne\n\nline"\n7', ',z\n'],
    },
    headers: { 'X-ClickHouse-Summary': /"written_rows":"2"/ },
  },
  {
    name: 'gzip rows',
    send: {
      url: { query: `INSERT INTO ${T} FORMAT TabSeparated` },
      headers: { 'Content-Encoding': 'gzip' },
      body: gzipSync('8\teight\n9\t\n'),
    },
    headers: { 'X-ClickHouse-Summary': /"written_rows":"2"/ },
  },
  {
    name: 'binary rows',
    send: {
      url: { query: `INSERT INTO ${T} FORMAT RowBinary` },
      body: Buffer.from([10, 0, 0, 0, 0, 0, 0, 0, 2, 0xc3, 0xa9]),
    },
    headers: { 'X-ClickHouse-Summary': /"written_rows":"1"/ },
  },
  {
    name: 'what all these inserts left',
    send: { body: `SELECT id, name FROM ${T} ORDER BY id FORMAT JSONCompactEachRow` },
    body: (got) =>
      expect(
        got.text
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as unknown),
      ).toEqual([
        [1, 'a'],
        [2, ''],
        [3, "it's; -- all /* data"],
        [4, 'ab'],
        [5, "x;'y"],
        [6, 'line\n\nline'],
        [7, 'z'],
        [8, 'eight'],
        [9, ''],
        [10, 'é'],
      ]),
  },
  {
    name: 'INSERT … SELECT',
    send: { body: `INSERT INTO ${T} SELECT number + 100, 'n' FROM numbers(50)` },
    headers: { 'X-ClickHouse-Summary': /"written_rows":"50"/ },
  },
  { name: 'HEAD', send: { method: 'HEAD', url: { query: 'SELECT 1' } }, body: '' },
];
