import { TOPICS } from '@tallyward/contracts';
import { openLog, partitionOf } from '@tallyward/platform';
import { Client } from 'pg';
import { testbed, type Testbed } from './testbed';
import { until } from './until';

const AGAIN_WITHIN_MS = 5_000;
const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

let bed: Testbed;
beforeAll(async () => {
  bed = await testbed({ own: ['kafka', 'postgres', 'clickhouse'] });
});
afterAll(() => bed.close());

/** Started again within the limit; how soon it serves depends on the machine, and is printed. */
async function crash(engine: 'kafka' | 'postgres' | 'clickhouse'): Promise<void> {
  const before = bed.pid(engine);
  const from = Date.now();
  bed.kill(engine);
  await until(() => bed.pid(engine) !== undefined && bed.pid(engine) !== before, {
    what: `another process of ${engine}`,
    withinMs: AGAIN_WITHIN_MS,
  });
  await bed.serves(engine);
  process.stderr.write(`${engine} served again ${Date.now() - from} ms after kill -9\n`);
}

describe('an engine killed with kill -9', () => {
  it('Kafka is started again within 5 s and has every acked entry', async () => {
    const log = openLog({
      brokers: [...bed.brokers],
      clientId: 'spec',
      namespace: bed.namespace,
      logger: quiet,
    });
    const topic = TOPICS.usageEvents.name;
    await log.admin.ensureTopics([{ name: topic, partitions: 12 }]);
    const appender = log.appender({ partitions: { [topic]: 12 } });
    const key = 'demo:acme';
    const partition = partitionOf(key, 12);
    const [outcome] = await appender.append(topic, [{ key, value: 'kept' }]);
    expect(outcome).toMatchObject({ kind: 'acked', place: { partition, offset: 0n } });
    await crash('kafka');
    expect((await log.admin.endOffsets(topic)).get(partition)).toBe(1n);
    await appender.close();
    await log.close();
  });

  it('Postgres is started again within 5 s and has every committed row', async () => {
    await query('CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)');
    await crash('postgres');
    expect(await query('SELECT n FROM kept')).toEqual([{ n: 7 }]);
  });

  it('ClickHouse is started again within 5 s and has every inserted row', async () => {
    await clickhouse('CREATE TABLE kept (n Int32) ENGINE = MergeTree ORDER BY n');
    await clickhouse('INSERT INTO kept VALUES (7)');
    await crash('clickhouse');
    expect((await clickhouse('SELECT n FROM kept')).trim()).toBe('7');
  });

  it('can be stopped for as long as a spec wants', async () => {
    await bed.stop('postgres');
    await expect(query('SELECT 1')).rejects.toThrow('ECONNREFUSED');
    await bed.start('postgres');
    expect(await query('SELECT 1 AS n')).toEqual([{ n: 1 }]);
  });
});

async function query(sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: bed.postgres.entitlement });
  try {
    await client.connect();
    return (await client.query(sql)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function clickhouse(sql: string): Promise<string> {
  const { host, pathname, username, password } = new URL(bed.clickhouse.loader);
  const answer = await fetch(`http://${host}/?database=${pathname.slice(1)}`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${username}:${password}`)}` },
    body: sql,
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return text;
}
