import { createClient } from '@clickhouse/client';
import { gzipSync } from 'node:zlib';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LOADER_PASSWORD, SpawnedServer } from './conformance/spawned-server';
import { send, type Got } from './conformance/target';
import { startServer, type RunningServer } from './server';

const STARTS_WITHIN_MS = 60_000;
const MIB = 1024 * 1024;

describe('every bound of the server is told in ClickHouse’s words, and holds up nobody else', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tallyward-clickhouse-limits-'));
  let server: RunningServer;
  let base: URL;
  const ask = (body: string | Buffer, url?: Record<string, string>, headers = {}): Promise<Got> =>
    send(base, { body, url, headers });
  beforeAll(async () => {
    server = await startServer({
      bind: '127.0.0.1',
      port: 0,
      dataFolder: folder,
      passwords: { loader: 'secret', reader: '' },
      limits: {
        maxRunningQueries: 2,
        maxQueuedQueries: 2,
        maxQueueMs: 400,
        maxBodyBytes: MIB,
        bodyWithinMs: 300,
        maxSessions: 2,
        maxExecutionSeconds: 2,
        maxMemoryPerQueryBytes: 64 * MIB,
        waitEndBufferBytes: 8 * MIB,
      },
    });
    base = new URL(`http://loader:secret@127.0.0.1:${server.port}`);
  }, STARTS_WITHIN_MS);
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('beyond the running and the waiting ones a query gets 503 with code 202', async () => {
    // Longer than a busy machine takes to send all six.
    const slow = Array.from({ length: 6 }, () => ask('SELECT sleep(1.8)'));
    const answers = await Promise.all(slow);
    const told = answers.map(
      (a) => `${a.status} ${String(a.headers['x-clickhouse-exception-code'])}`,
    );
    expect(told.filter((t) => t === '200 undefined')).toHaveLength(2);
    expect(told.filter((t) => t === '503 202')).toHaveLength(4);
    expect((await ask('SELECT 1')).text).toBe('1\n');
  });
  it('a body beyond the limit gets 413, as sent and as unpacked', async () => {
    const large = await ask('SELECT 1 /*' + ' '.repeat(MIB) + '*/');
    expect(large.status).toBe(413);
    const packed = gzipSync(Buffer.alloc(3 * MIB, 32));
    expect(packed.length).toBeLessThan(MIB);
    const bomb = await ask(packed, {}, { 'Content-Encoding': 'gzip' });
    expect(bomb.status).toBe(413);
  });
  it('a body that is no gzip, or in an encoding not served, is refused', async () => {
    expect((await ask('SELECT 1', {}, { 'Content-Encoding': 'gzip' })).text).toMatch(
      /^Code: 354\./,
    );
    expect((await ask('SELECT 1', {}, { 'Content-Encoding': 'snappy' })).status).toBe(501);
  });
  it('a query ends at the deadline, and may not ask for a later one', async () => {
    const sql = 'SELECT count() FROM numbers(100000000000) WHERE sipHash64(number) = 1';
    expect((await ask(sql)).status).toBe(408);
    expect((await ask(sql, { max_execution_time: '100' })).text).toMatch(/^Code: 452\./);
  });
  it('a query that needs too much memory fails alone', async () => {
    const greedy = ask('SELECT groupArray(number) FROM numbers(100000000) FORMAT Null');
    const modest = ask('SELECT count() FROM numbers(1000)');
    expect((await greedy).text).toMatch(/^Code: 241\./);
    expect((await modest).text).toBe('1000\n');
  });
  it('sessions are bounded, locked while in use, and end when told to', async () => {
    const url = (id: string, more = {}): Record<string, string> => ({ session_id: id, ...more });
    expect((await ask('SELECT 1', url('a'))).status).toBe(200);
    expect((await ask('SELECT 1', url('b'))).status).toBe(200);
    expect((await ask('SELECT 1', url('c'))).text).toMatch(/^Code: 202\./);
    // Two at one instant: whichever comes first holds the session.
    const both = await Promise.all([1, 2].map(() => ask('SELECT sleep(1.8)', url('a'))));
    const told = both.map(({ text }) => /^Code: \d+/.exec(text)?.[0] ?? text).sort();
    expect(told).toEqual(['0\n', 'Code: 373']);
    expect((await ask('SELECT 1', url('b', { close_session: '1' }))).status).toBe(200);
    expect((await ask('SELECT 1', url('c'))).status).toBe(200);
    expect((await ask('SELECT 1', url('d', { session_check: '1' }))).text).toMatch(/^Code: 372\./);
    expect((await ask('SELECT 1', url('d', { session_timeout: '99999' }))).text).toMatch(
      /^Code: 374\./,
    );
  });
  it('wait_end_of_query tells a late failure by its status', async () => {
    const sql = 'SELECT throwIf(number = 500000) FROM numbers(1000000) FORMAT TSV';
    expect((await ask(sql, { wait_end_of_query: '1' })).status).toBe(500);
  });
  it('the official client gets through a crowd by waiting its turn', async () => {
    const client = createClient({ url: base.href, max_open_connections: 4 });
    const sums = await Promise.all(
      Array.from({ length: 4 }, async (_, i) => {
        const answer = await client.query({
          query: `SELECT ${i} + sleep(0.05) AS n`,
          format: 'JSONEachRow',
        });
        return (await answer.json<{ n: number }>())[0]?.n;
      }),
    );
    await client.close();
    expect(sums).toEqual([0, 1, 2, 3]);
  });
});

it(
  'a query that cannot be ended ends the process at once, without waiting for it',
  async () => {
    const server = await SpawnedServer.start({
      TALLYWARD_CLICKHOUSE_MAX_EXECUTION_SECONDS: '1',
      TALLYWARD_CLICKHOUSE_WEDGED_AFTER_MS: '0',
    });
    const address = new URL(`http://loader:${LOADER_PASSWORD}@127.0.0.1:${server.port}`);
    const cut = await send(address, { body: 'SELECT sleep(3)' }).catch(() => 'cut off');
    expect(cut).toBe('cut off');
    await server.ended();
    expect(server.output).toContain('a query cannot be ended');
    expect(server.endedBy).toBe('SIGKILL');
    await server.end();
  },
  STARTS_WITHIN_MS,
);
