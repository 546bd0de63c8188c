import { gunzipSync } from 'node:zlib';
import { DB, type Row } from './row';
import type { Got } from './target';

/** What the plugin's driver puts on every request; its own Go client decompresses by hand. */
const REVISION = '54460';
const url = {
  default_format: 'Native',
  client_protocol_version: REVISION,
  limit: '1000000',
  enable_http_compression: '1',
};
const headers = {
  'Accept-Encoding': 'gzip',
  'User-Agent': 'grafana/12.3.0 clickhouse-datasource/4.11.0 clickhouse-go/2.41.0',
};

const varint = (n: number): Buffer => Buffer.from(n < 128 ? [n] : [(n & 127) | 128, n >> 7]);
const string = (s: string): Buffer => Buffer.concat([varint(Buffer.byteLength(s)), Buffer.from(s)]);
/** Block info (no overflow, bucket -1), as every block of this revision begins. */
const INFO = Buffer.from([1, 0, 2, 0xff, 0xff, 0xff, 0xff, 0]);
const block = (rows: number, ...columns: readonly [string, string, Buffer][]): Buffer =>
  Buffer.concat([
    ...[INFO, varint(columns.length), varint(rows)],
    // the zero: no custom serialization
    ...columns.flatMap(([name, type, data]) => [
      string(name),
      string(type),
      Buffer.from([0]),
      data,
    ]),
  ]);

const unpacked = (got: Got): Buffer => {
  expect(got.headers['content-encoding']).toBe('gzip');
  return gunzipSync(got.bytes);
};
const asks = (body: string, look: (bytes: Buffer) => unknown): Row => ({
  name: body.replace(/\s+/g, ' ').slice(0, 90),
  as: 'reader',
  send: { url: { ...url, database: DB }, headers, body },
  headers: { 'X-ClickHouse-Format': 'Native', 'Content-Type': 'application/octet-stream' },
  body: (got) => look(unpacked(got)),
});
const gives = (body: string, wanted: Buffer): Row =>
  asks(body, (bytes) => expect(bytes.toString('hex')).toBe(wanted.toString('hex')));

/** Each type in front of a column that is known: the columns' ends have to be found right. */
const TYPES: readonly (readonly [sql: string, type: string, hex: string])[] = [
  ['toUInt64(7)', 'UInt64', '0700000000000000'],
  ['toInt32(-1)', 'Int32', 'ffffffff'],
  ['toFloat64(1)', 'Float64', '000000000000f03f'],
  ["toDateTime64('1970-01-01 00:00:01.5', 3, 'UTC')", "DateTime64(3, 'UTC')", 'dc05000000000000'],
  ['toDateTime(9)', 'DateTime', '09000000'],
  ["toDate('1970-01-03')", 'Date', '0200'],
  ['true', 'Bool', '01'],
  ["'ab'", 'String', '026162'],
  ["toFixedString('abc', 3)", 'FixedString(3)', '616263'],
  ["CAST('b', 'Enum8(\\'a\\' = 1, \\'b\\' = 2)')", "Enum8('a' = 1, 'b' = 2)", '02'],
  ['toDecimal64(1.5, 2)', 'Decimal(18, 2)', '9600000000000000'],
  ["CAST(NULL, 'Nullable(UInt8)')", 'Nullable(UInt8)', '0100'],
  ["CAST([1, 2], 'Array(UInt8)')", 'Array(UInt8)', '02000000000000000102'],
  ["CAST(map('k', 1), 'Map(String, UInt8)')", 'Map(String, UInt8)', '0100000000000000016b01'],
  ["CAST((1, 'x'), 'Tuple(a UInt8, b String)')", 'Tuple(a UInt8, b String)', '010178'],
  [
    "toLowCardinality('x')",
    'LowCardinality(String)',
    '0100000000000000' +
      '0006000000000000' +
      '0200000000000000' +
      '000178' +
      '0100000000000000' +
      '01',
  ],
  [
    "CAST([], 'Array(LowCardinality(String))')",
    'Array(LowCardinality(String))',
    '0100000000000000' + '0000000000000000',
  ],
];

/** Grafana's ClickHouse plugin over HTTP: Native blocks of its revision, in gzip. */
export const GRAFANA_ROWS: readonly Row[] = [
  asks('SELECT displayName(), version(), revision(), timezone()', (bytes) => {
    const head = Buffer.concat([
      INFO,
      varint(4),
      varint(1),
      string('displayName()'),
      string('String'),
      Buffer.from([0]),
    ]);
    expect(bytes.subarray(0, head.length).toString('hex')).toBe(head.toString('hex'));
    const marks = [
      string('version()'),
      string('revision()'),
      string('UInt32'),
      string('timezone()'),
    ];
    for (const mark of marks) expect(bytes.includes(mark)).toBe(true);
  }),
  gives('SELECT 1', block(1, ['1', 'UInt8', Buffer.from([1])])),
  asks('SELECT version()', (bytes) => expect(bytes.includes(string('version()'))).toBe(true)),
  asks('SHOW DATABASES', (bytes) => expect(bytes.includes(string(DB))).toBe(true)),
  asks(`SHOW TABLES FROM "${DB}"`, (bytes) => expect(bytes.includes(string('events'))).toBe(true)),
  asks(`DESC TABLE "${DB}"."events"`, (bytes) =>
    expect(bytes.includes(string('UInt64'))).toBe(true),
  ),
  asks('SELECT database, name FROM system.tables ORDER BY database, name', (bytes) =>
    expect(bytes.includes(string('events'))).toBe(true),
  ),
  asks(
    `SELECT database, table, name, type, comment FROM system.columns WHERE (database, table) IN (('${DB}', 'events')) ORDER BY database, table, position`,
    (bytes) => expect(bytes.includes(string('name'))).toBe(true),
  ),
  asks('SELECT name FROM system.functions LIMIT 10', (bytes) =>
    expect(bytes.length).toBeGreaterThan(50),
  ),
  asks(
    `SELECT toStartOfInterval(toDateTime(number * 60, 'UTC'), INTERVAL 1 hour) AS time, count() AS calls
      FROM numbers(180) WHERE number >= 0 GROUP BY time ORDER BY time`,
    (bytes) => expect(bytes.includes('DateTime')).toBe(true),
  ),
  ...TYPES.map(([sql, type, hex]) =>
    gives(
      `SELECT ${sql} AS a, 'END' AS z`,
      block(1, ['a', type, Buffer.from(hex, 'hex')], ['z', 'String', string('END')]),
    ),
  ),
  asks('SELECT number, toString(number) AS s FROM numbers(300000)', (bytes) => {
    let blocks = 0;
    for (let at = bytes.indexOf(INFO); at >= 0; at = bytes.indexOf(INFO, at + 1)) blocks++;
    expect(blocks).toBeGreaterThanOrEqual(5);
    expect(bytes.subarray(-6).toString()).toBe('299999');
  }),
  {
    name: 'an error comes as gzip text with its code',
    as: 'reader',
    send: { url, headers, body: 'SELECT * FROM nowhere' },
    status: 404,
    headers: { 'X-ClickHouse-Exception-Code': '60' },
    body: (got) => expect(unpacked(got).toString()).toMatch(/^Code: 60\. DB::Exception/),
  },
];
