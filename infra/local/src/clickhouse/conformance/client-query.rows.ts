import type { ClickHouseClient, DataFormat } from '@clickhouse/client';
import { failure, type ClientRow } from './client.rows';

const NUMBERS = 'SELECT number AS n, toString(number) AS s FROM numbers(3)';

async function text(client: ClickHouseClient, format: DataFormat): Promise<string> {
  return (await client.query({ query: NUMBERS, format })).text();
}

async function streamed(client: ClickHouseClient, rows: number): Promise<number> {
  const query = `SELECT number AS n FROM numbers(${rows})`;
  const answer = await client.query({ query, format: 'JSONEachRow' });
  let seen = 0;
  for await (const batch of answer.stream()) seen += batch.length;
  return seen;
}

/** Queries of the official client, in every format it offers, whole and streamed. */
export const CLIENT_QUERY_ROWS: readonly ClientRow[] = [
  {
    name: 'query: JSON with its meta',
    run: async (c) => {
      const answer = await (await c.query({ query: NUMBERS, format: 'JSON' })).json<unknown>();
      return [answer.meta, answer.data.length, answer.rows];
    },
    gives: [
      [
        { name: 'n', type: 'UInt64' },
        { name: 's', type: 'String' },
      ],
      3,
      3,
    ],
  },
  {
    name: 'query: JSONCompact',
    run: async (c) =>
      (await (await c.query({ query: NUMBERS, format: 'JSONCompact' })).json<unknown>()).data,
    gives: [
      [0, '0'],
      [1, '1'],
      [2, '2'],
    ],
  },
  {
    name: 'query: JSONCompactEachRow',
    run: async (c) => (await c.query({ query: NUMBERS, format: 'JSONCompactEachRow' })).json(),
    gives: [
      [0, '0'],
      [1, '1'],
      [2, '2'],
    ],
  },
  { name: 'query: CSV', run: (c) => text(c, 'CSV'), gives: '0,"0"\n1,"1"\n2,"2"\n' },
  {
    name: 'query: CSVWithNames',
    run: (c) => text(c, 'CSVWithNames'),
    gives: '"n","s"\n0,"0"\n1,"1"\n2,"2"\n',
  },
  { name: 'query: TabSeparated', run: (c) => text(c, 'TabSeparated'), gives: '0\t0\n1\t1\n2\t2\n' },
  {
    name: 'query: TabSeparatedWithNamesAndTypes',
    run: (c) => text(c, 'TabSeparatedWithNamesAndTypes'),
    gives: 'n\ts\nUInt64\tString\n0\t0\n1\t1\n2\t2\n',
  },
  {
    name: 'query: Parquet begins and ends as one file',
    run: async (c) => {
      const done = await c.exec({ query: `${NUMBERS} FORMAT Parquet` });
      const chunks: Buffer[] = [];
      for await (const chunk of done.stream) chunks.push(chunk as Buffer);
      const bytes = Buffer.concat(chunks);
      return [bytes.subarray(0, 4).toString(), bytes.subarray(-4).toString()];
    },
    gives: ['PAR1', 'PAR1'],
  },
  {
    name: 'query: bound parameters of many types',
    run: async (c) => {
      const answer = await c.query({
        query: `SELECT {s:String} AS s, {n:UInt64} AS n, {a:Array(String)} AS a, {z:Nullable(String)} AS z,
          {d:DateTime64(3, 'UTC')} AS d, {m:Map(String, UInt64)} AS m, {b:Bool} AS b, {i:Identifier} AS i FROM (SELECT 7 AS x)`,
        query_params: {
          s: `it's "\\" ✓\n`,
          n: '18446744073709551615',
          a: ["a'b", 'ü'],
          z: null,
          d: new Date('2026-11-21T10:15:30.123Z'),
          m: { k: 2 },
          b: true,
          i: 'x',
        },
        format: 'JSONEachRow',
        clickhouse_settings: { output_format_json_quote_64bit_integers: 1 },
      });
      return answer.json();
    },
    gives: [
      {
        s: `it's "\\" ✓\n`,
        n: '18446744073709551615',
        a: ["a'b", 'ü'],
        z: null,
        d: '2026-11-21 10:15:30.123',
        m: { k: '2' },
        b: true,
        i: 7,
      },
    ],
  },
  { name: 'query: a stream of 300,000 rows', run: (c) => streamed(c, 300_000), gives: 300_000 },
  {
    name: 'query: a failure in mid-stream reaches the reader of the stream',
    run: async (c) => {
      const query = 'SELECT throwIf(number = 2000000) AS n FROM numbers(2500000)';
      const answer = await c.query({
        query,
        format: 'JSONEachRow',
        clickhouse_settings: { max_threads: 1 },
      });
      let seen = 0;
      try {
        for await (const batch of answer.stream()) seen += batch.length;
      } catch (error) {
        // packed, the broken connection may be seen before the words in front of it
        const told = failure(error) as { code?: string };
        return [seen > 10_000, ['395', 'ECONNRESET'].includes(told.code ?? '')];
      }
      return 'no failure';
    },
    gives: [true, true],
  },
];
