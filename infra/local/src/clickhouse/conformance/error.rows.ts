import { DB, type Row } from './row';

const code = (n: number): Record<string, string> => ({ 'X-ClickHouse-Exception-Code': `${n}` });
const text = (n: number, name: string): RegExp =>
  new RegExp(
    `^Code: ${n}\\. DB::Exception: [\\s\\S]+ \\(${name}\\) \\(version [\\d.]+ \\(official build\\)\\)\\n$`,
  );

/** What goes wrong, and how a client learns of it. */
export const ERROR_ROWS: readonly Row[] = [
  {
    name: 'an unknown table',
    as: 'reader',
    send: { body: `SELECT * FROM ${DB}.nowhere` },
    status: 404,
    headers: code(60),
    body: text(60, 'UNKNOWN_TABLE'),
  },
  {
    name: 'an unknown database',
    as: 'reader',
    send: { url: { database: 'nowhere' }, body: 'SELECT 1' },
    status: 404,
    headers: code(81),
    body: text(81, 'UNKNOWN_DATABASE'),
  },
  {
    name: 'an unknown column',
    as: 'reader',
    send: { body: 'SELECT nothing FROM system.one' },
    status: 404,
    headers: code(47),
    body: text(47, 'UNKNOWN_IDENTIFIER'),
  },
  {
    name: 'an unknown function',
    as: 'reader',
    send: { body: 'SELECT no_such_function(1)' },
    status: 404,
    headers: code(46),
    body: text(46, 'UNKNOWN_FUNCTION'),
  },
  {
    name: 'an unknown setting',
    as: 'reader',
    send: { url: { no_such_setting: '1' }, body: 'SELECT 1' },
    status: 404,
    headers: code(115),
    body: text(115, 'UNKNOWN_SETTING'),
  },
  {
    name: 'an unknown format',
    as: 'reader',
    send: { body: 'SELECT 1 FORMAT Nothing' },
    status: 404,
    headers: code(73),
    body: text(73, 'UNKNOWN_FORMAT'),
  },
  {
    name: 'a syntax error',
    as: 'reader',
    send: { body: 'SELECT FROM WHERE' },
    status: 400,
    headers: code(62),
    body: text(62, 'SYNTAX_ERROR'),
  },
  {
    name: 'an empty query',
    send: { body: '' },
    status: 400,
    headers: code(62),
    body: /^Code: 62\./,
  },
  {
    name: 'two statements',
    send: { body: 'SELECT 1; SELECT 2' },
    status: 400,
    headers: code(62),
    body: /Multi-statements are not allowed/,
  },
  {
    name: 'a table that is there already',
    send: { body: 'CREATE TABLE system.one (a UInt8) ENGINE = Memory' },
    status: 500,
    headers: code(57),
    body: text(57, 'TABLE_ALREADY_EXISTS'),
  },
  {
    name: 'text where a number belongs',
    as: 'reader',
    send: { body: "SELECT toUInt8('x')" },
    status: 400,
    headers: code(6),
    body: text(6, 'CANNOT_PARSE_TEXT'),
  },
  {
    name: 'rows that are no JSON',
    send: { url: { query: `INSERT INTO ${DB}.events FORMAT JSONEachRow` }, body: '{"id":[}' },
    status: 400,
    body: /^Code: \d+\. DB::Exception: .*at row 1/,
  },
  {
    name: 'a query that takes too long',
    as: 'reader',
    send: {
      url: { max_execution_time: '0.2' },
      body: 'SELECT count() FROM numbers(100000000000) WHERE sipHash64(number) = 1',
    },
    status: 408,
    headers: code(159),
    body: text(159, 'TIMEOUT_EXCEEDED'),
  },
  {
    name: 'a query that takes too much memory',
    as: 'reader',
    send: {
      url: { max_memory_usage: '20000000' },
      body: 'SELECT groupArray(number) FROM numbers(100000000) FORMAT Null',
    },
    status: 500,
    headers: code(241),
    body: text(241, 'MEMORY_LIMIT_EXCEEDED'),
  },
  {
    name: 'a failure behind the first rows of a small answer has its true status',
    as: 'reader',
    send: {
      body: 'SELECT throwIf(number = 5000) FROM numbers(100000) FORMAT JSONEachRow SETTINGS max_block_size = 1000',
    },
    status: 500,
    headers: code(395),
    body: text(395, 'FUNCTION_THROW_IF_VALUE_IS_NON_ZERO'),
  },
  {
    name: 'a GET that would write',
    send: { method: 'GET', url: { query: `CREATE TABLE ${DB}.by_get (a UInt8) ENGINE = Memory` } },
    status: 500,
    headers: code(164),
    body: text(164, 'READONLY'),
  },
  {
    name: 'no user at all',
    send: {
      auth: 'none',
      headers: { 'X-ClickHouse-User': 'nobody', 'X-ClickHouse-Key': 'x' },
      body: 'SELECT 1',
    },
    status: 403,
    headers: code(516),
    body: /^Code: 516\. DB::Exception: nobody: Authentication failed/,
  },
  {
    name: 'two kinds of credentials at once',
    send: { headers: { 'X-ClickHouse-User': 'nobody' }, body: 'SELECT 1' },
    status: 403,
    headers: code(516),
  },
  {
    name: 'the reader does not write',
    as: 'reader',
    send: { body: `INSERT INTO ${DB}.events VALUES (1, 'x')` },
    status: 500,
    headers: code(164),
    body: text(164, 'READONLY'),
  },
];
