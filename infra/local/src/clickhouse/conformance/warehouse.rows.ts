import { DB, type Row } from './row';

const T = `${DB}.facts`;
const SCHEMA = 'customer String, model String, tokens UInt64, partition UInt8, offset UInt64';
const ROWS = 10_000;
const MANY = 50_000;

const line = (i: number): string =>
  JSON.stringify({
    customer: `customer-${i % 20}`,
    model: i % 3 === 0 ? "it's $d$ \\ “odd” 用量" : `m${i % 4}`,
    tokens: i,
    partition: 3,
    offset: i,
  });
const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => line(from + i)).join('\n');

/** The warehouse fold's own insert: rows in the body, a token, and a guard on the offsets. */
const guarded = (from: number, to: number, token: string): Row['send'] => ({
  url: {
    insert_deduplication_token: token,
    async_insert: '0',
    database: DB,
    query:
      `INSERT INTO facts SELECT * FROM input('${SCHEMA}')\n` +
      `WHERE (partition, offset) NOT IN (SELECT partition, offset FROM facts WHERE partition = 3 AND offset BETWEEN ${from} AND ${to}) FORMAT JSONEachRow`,
  },
  body: `${lines(from, from + 10)}\n\n${lines(from + 10, to)}\n`,
});
const inTable = (rows: number): Row => ({
  name: `there are ${rows} rows, each once`,
  as: 'reader',
  send: { body: `SELECT count(), uniqExact(partition, offset), max(offset) FROM ${T}` },
  body: `${rows}\t${rows}\t${rows - 1}\n`,
});

/** What the aggregator does with the warehouse: exact under every repeat. */
export const WAREHOUSE_ROWS: readonly Row[] = [
  {
    name: 'a table with a deduplication window, an index on the offset and a projection',
    send: {
      body: `CREATE TABLE ${T} (customer LowCardinality(String), model LowCardinality(String), tokens UInt64,
        partition UInt8, offset UInt64, INDEX by_offset offset TYPE minmax GRANULARITY 1,
        PROJECTION per_customer (SELECT customer, sum(tokens), count() GROUP BY customer))
        ENGINE = MergeTree PARTITION BY partition ORDER BY (customer, offset)
        SETTINGS non_replicated_deduplication_window = 100`,
    },
    body: '',
  },
  { name: 'the guarded insert', send: guarded(0, ROWS, 'topic-3-0'), body: '' },
  inTable(ROWS),
  { name: 'the same again, under the same token', send: guarded(0, ROWS, 'topic-3-0'), body: '' },
  { name: 'the same again, the token forgotten', send: guarded(0, ROWS, 'other'), body: '' },
  {
    name: 'half of it again, with as much that is new',
    send: guarded(ROWS / 2, ROWS + ROWS / 2, 'topic-3-5000'),
    body: '',
  },
  inTable(ROWS + ROWS / 2),
  {
    name: 'odd text went through it unharmed',
    as: 'reader',
    send: { body: `SELECT DISTINCT model FROM ${T} WHERE offset = 3 FORMAT TabSeparatedRaw` },
    body: "it's $d$ \\ “odd” 用量\n",
  },
  {
    name: 'the projection answers, to the digit',
    as: 'reader',
    send: {
      body: `SELECT (SELECT sum(t) FROM (SELECT customer, sum(tokens) AS t FROM ${T} GROUP BY customer SETTINGS force_optimize_projection = 1)) =
        (SELECT sum(t) FROM (SELECT customer, sum(tokens) AS t FROM ${T} GROUP BY customer SETTINGS optimize_use_projections = 0))`,
    },
    body: '1\n',
  },
  {
    name: 'a token makes an insert with rows in the body count once',
    send: {
      url: { query: `INSERT INTO ${T} FORMAT JSONEachRow`, insert_deduplication_token: 'rows-1' },
      body: lines(ROWS + ROWS / 2, ROWS + ROWS / 2 + MANY),
    },
    headers: { 'X-ClickHouse-Summary': new RegExp(`"written_rows":"${MANY}"`) },
    body: '',
  },
  {
    name: 'and so it does the second time',
    send: {
      url: { query: `INSERT INTO ${T} FORMAT JSONEachRow`, insert_deduplication_token: 'rows-1' },
      body: lines(ROWS + ROWS / 2, ROWS + ROWS / 2 + MANY),
    },
    body: '',
  },
  inTable(ROWS + ROWS / 2 + MANY),
  {
    name: 'a statement beyond max_query_size',
    send: { body: `SELECT length('${'x'.repeat(300_000)}')` },
    status: 400,
    body: /Code: 62\..*Max query size exceeded/s,
  },
  {
    name: 'and with a raised max_query_size',
    as: 'reader',
    send: { url: { max_query_size: '1000000' }, body: `SELECT length('${'x'.repeat(300_000)}')` },
    body: '300000\n',
  },
  {
    name: 'an asynchronous update waited for',
    send: { url: { mutations_sync: '2' }, body: `ALTER TABLE ${T} DELETE WHERE offset >= 15000` },
    body: '',
  },
  inTable(ROWS + ROWS / 2),
];
