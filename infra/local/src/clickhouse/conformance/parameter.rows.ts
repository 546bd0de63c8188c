import { DB, type Row } from './row';

interface Bound {
  readonly type: string;
  /** As it stands in the address: ClickHouse reads it as text with its escapes. */
  readonly value: string;
  readonly shown: string;
}

const BOUND: readonly Bound[] = [
  {
    type: 'String',
    value: `it's "quoted" \\\\ and ; -- not a comment`,
    shown: `it's "quoted" \\ and ; -- not a comment`,
  },
  { type: 'String', value: 'Übung ✓ 用量 🚀', shown: 'Übung ✓ 用量 🚀' },
  { type: 'String', value: `'); DROP TABLE x; --`, shown: `'); DROP TABLE x; --` },
  { type: 'String', value: 'tab\\tnewline\\n.', shown: 'tab\tnewline\n.' },
  { type: 'String', value: '', shown: '' },
  { type: 'UInt64', value: '18446744073709551615', shown: '18446744073709551615' },
  { type: 'Int32', value: '-5', shown: '-5' },
  { type: 'Float64', value: '1.5', shown: '1.5' },
  { type: 'Decimal(18, 6)', value: '12.345678', shown: '12.345678' },
  { type: 'Bool', value: 'true', shown: 'true' },
  { type: 'Date', value: '2026-11-22', shown: '2026-11-22' },
  {
    type: "DateTime64(3, 'UTC')",
    value: '2026-11-21 10:15:30.123',
    shown: '2026-11-21 10:15:30.123',
  },
  {
    type: 'UUID',
    value: '61f0c404-5cb3-11e7-907b-a6006ad3dba0',
    shown: '61f0c404-5cb3-11e7-907b-a6006ad3dba0',
  },
  { type: 'Array(String)', value: `['a','it\\'s','c']`, shown: `['a','it\\'s','c']` },
  { type: 'Array(UInt64)', value: '[1,2,3]', shown: '[1,2,3]' },
  { type: 'Nullable(UInt64)', value: '\\N', shown: '\\N' },
  { type: 'Nullable(String)', value: 'there', shown: 'there' },
  { type: 'Map(String, UInt64)', value: `{'a':1,'b':2}`, shown: `{'a':1,'b':2}` },
  { type: 'Tuple(String, UInt8)', value: `('x',7)`, shown: `('x',7)` },
];

const bound: readonly Row[] = BOUND.map(({ type, value, shown }) => ({
  name: `a bound ${type} (${value.slice(0, 24)})`,
  as: 'reader',
  send: {
    method: 'GET',
    url: { query: `SELECT {p:${type}} FORMAT TabSeparatedRaw`, param_p: value },
  },
  body: `${shown}\n`,
}));

/** Parameters bound in the address, of each type our services use. */
export const PARAMETER_ROWS: readonly Row[] = [
  ...bound,
  {
    name: 'a bound identifier with an odd name',
    send: {
      url: { param_table: 'odd `name', param_db: DB },
      body: 'CREATE TABLE {db:Identifier}.{table:Identifier} (a UInt8) ENGINE = Memory',
    },
  },
  {
    name: 'reading it back',
    as: 'reader',
    send: {
      url: { param_table: 'odd `name', param_db: DB },
      body: 'SELECT count() FROM {db:Identifier}.{table:Identifier}',
    },
    body: '0\n',
  },
  {
    name: 'a parameter nobody gave',
    as: 'reader',
    send: { body: 'SELECT {missing:UInt8}' },
    status: 500,
    headers: { 'X-ClickHouse-Exception-Code': '456' },
    body: /Substitution `missing` is not set/,
  },
  {
    name: 'a parameter of the wrong type',
    as: 'reader',
    send: { url: { param_n: 'twelve' }, body: 'SELECT {n:UInt8}' },
    status: 500,
    body: /Code: 457/,
  },
  {
    name: 'nothing of one request is left for the next',
    as: 'reader',
    send: { body: "SELECT getSetting('max_block_size'), currentDatabase()" },
    body: '65409\tdefault\n',
  },
];
