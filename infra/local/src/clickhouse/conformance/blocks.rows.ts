import { BlockFraming, unframe } from '../block-compression';
import { DB, type Row } from './row';

const LIMIT = 64 * 1024 * 1024;
const T = `${DB}.framed`;
const framed = (text: string): Buffer => new BlockFraming().push(Buffer.from(text));

/** compress=1 and decompress=1, as Go and Java drivers send them. */
export const BLOCK_ROWS: readonly Row[] = [
  {
    name: 'a framed answer',
    as: 'reader',
    send: { url: { compress: '1' }, body: 'SELECT number FROM numbers(200000)' },
    body: (got) => {
      const lines = unframe(got.bytes, LIMIT).toString().trim().split('\n');
      expect([lines.length, lines[199_999]]).toEqual([200_000, '199999']);
    },
  },
  {
    name: 'a framed query',
    send: { url: { decompress: '1' }, body: framed('SELECT 8') },
    body: '8\n',
  },
  {
    name: 'a table',
    send: { body: `CREATE TABLE ${T} (id UInt64) ENGINE = MergeTree ORDER BY id` },
  },
  {
    name: 'framed rows',
    send: {
      url: { decompress: '1', query: `INSERT INTO ${T} FORMAT TSV` },
      body: framed('1\n2\n3\n'),
    },
    headers: { 'X-ClickHouse-Summary': /"written_rows":"3"/ },
  },
  { name: 'they are there', as: 'reader', send: { body: `SELECT sum(id) FROM ${T}` }, body: '6\n' },
  {
    name: 'a frame that was damaged',
    send: { url: { decompress: '1' }, body: framed('SELECT 8').fill(0, 0, 4) },
    status: 500,
    headers: { 'X-ClickHouse-Exception-Code': '40' },
  },
];
