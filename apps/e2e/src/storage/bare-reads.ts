import { Client } from 'pg';

const READ_WITHIN_MS = 300_000;
const FETCH_ROWS = 5_000;
const LABELS = 'project, customer, workspace, "user", role, model, model_group';
const UNITS =
  'calls, tokens, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, ' +
  'reasoning_tokens, images, tool_calls';
const SUMS = UNITS.replaceAll(/\w+/g, 'sum($&)');

/** For a benchmark: the rows that reconcile compares, read and forgotten; how many of each. */
export async function readRowsBare(
  postgresUrl: string,
  clickhouseUrl: string,
): Promise<{ totals: number; warehouse: number }> {
  return {
    totals: await totalsRows(postgresUrl),
    warehouse: await warehouseRows(clickhouseUrl),
  };
}

async function totalsRows(url: string): Promise<number> {
  const client = new Client({ connectionString: url, statement_timeout: READ_WITHIN_MS });
  await client.connect();
  try {
    await client.query('BEGIN READ ONLY');
    await client.query(
      `DECLARE bare NO SCROLL CURSOR FOR SELECT quarter, ${LABELS}, ${UNITS}, proof
       FROM entitlement.usage_total ORDER BY partition, quarter`,
    );
    for (let read = 0; ;) {
      const { rows } = await client.query(`FETCH ${FETCH_ROWS} FROM bare`);
      read += rows.length;
      if (rows.length < FETCH_ROWS) return read;
    }
  } finally {
    await client.end();
  }
}

/** Summed as the totals are; without the proof, which is reconcile's own. */
async function warehouseRows(url: string): Promise<number> {
  const { origin, pathname, username } = new URL(url);
  const query = `SELECT toStartOfFifteenMinutes(time) AS quarter, ${LABELS}, ${SUMS}
    FROM usage_events GROUP BY quarter, partition, ${LABELS} ORDER BY partition, quarter
    FORMAT JSONEachRow`;
  const answer = await fetch(`${origin}/?database=${pathname.slice(1)}`, {
    method: 'POST',
    headers: { 'x-clickhouse-user': username },
    body: query,
    signal: AbortSignal.timeout(READ_WITHIN_MS),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return text.split('\n').length - 1;
}
