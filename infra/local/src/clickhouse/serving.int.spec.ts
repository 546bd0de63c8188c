import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { SpawnedServer, LOADER_PASSWORD } from './conformance/spawned-server';
import { send, type Got } from './conformance/target';
import { LIMITS } from './limits';

const STARTS_WITHIN_MS = 60_000;
const WITHIN_MS = 20_000;
const MIB = 1024 * 1024;

const loaderOf = (server: SpawnedServer): URL =>
  new URL(`http://loader:${LOADER_PASSWORD}@127.0.0.1:${server.port}`);
const rssOf = (server: SpawnedServer): number => {
  const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
};

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + WITHIN_MS;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within ${WITHIN_MS} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Reads an answer without keeping it; `cutAfter` bytes the client hangs up. */
function stream(
  base: URL,
  sql: string,
  cutAfter = Infinity,
): Promise<{ bytes: number; peak: number }> {
  const auth = `${base.username}:${base.password}`;
  return new Promise((resolve, reject) => {
    let bytes = 0;
    const out = request(
      { host: base.hostname, port: base.port, method: 'POST', auth },
      (answer) => {
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > cutAfter) out.destroy();
        });
        answer.on('end', () => resolve({ bytes, peak: 0 }));
        answer.on('error', () => resolve({ bytes, peak: 0 }));
      },
    );
    out.on('error', reject);
    out.end(sql);
  });
}

/** Sends a query and hangs up behind it, whatever it does by then. */
function hangUp(base: URL, sql: string, afterMs: number): Promise<void> {
  const auth = `${base.username}:${base.password}`;
  const out = request({ host: base.hostname, port: base.port, method: 'POST', auth });
  return new Promise((resolve) => {
    out.on('error', () => undefined);
    out.on('close', resolve);
    out.end(sql);
    setTimeout(() => out.destroy(), afterMs);
  });
}

const LONG = 'SELECT count() FROM numbers(100000000000) WHERE sipHash64(number) = 1';
const RUNNING = `SELECT count() FROM system.processes WHERE query LIKE '%sipHash64%' AND query NOT LIKE '%processes%'`;
const STREAMING = `SELECT count() FROM system.processes WHERE query LIKE '%toString(number)%' AND query NOT LIKE '%processes%'`;

describe('the server under load, cut off and killed', () => {
  let server: SpawnedServer;
  let loader: URL;
  const ask = (body: string, url?: Record<string, string>): Promise<Got> =>
    send(loader, { body, url });
  beforeAll(async () => {
    server = await SpawnedServer.start();
    loader = loaderOf(server);
    await ask('CREATE DATABASE tallyward');
    await ask('CREATE TABLE tallyward.acked (id UInt64) ENGINE = MergeTree ORDER BY id');
  }, STARTS_WITHIN_MS);
  afterAll(() => server.end());

  it(
    'two million rows stream through memory that stays bounded',
    async () => {
      await stream(loader, 'SELECT number FROM numbers(100000) FORMAT JSONEachRow');
      const before = rssOf(server);
      let peak = before;
      const watch = setInterval(() => (peak = Math.max(peak, rssOf(server))), 20);
      const sql =
        "SELECT number, repeat('x', 200) AS s, toString(number) AS t FROM numbers(2000000) FORMAT JSONEachRow";
      const { bytes } = await stream(loader, sql);
      clearInterval(watch);
      const mib = (n: number): string => `${Math.round(n / MIB)} MiB`;
      process.stdout.write(
        `2,000,000 rows, ${mib(bytes)}: RSS ${mib(before)} before, peak ${mib(peak)}\n`,
      );
      expect(bytes).toBeGreaterThan(440 * MIB);
      expect(peak - before).toBeLessThan(350 * MIB);
    },
    STARTS_WITHIN_MS,
  );

  it('a failure in mid-stream ends with a tagged block and a broken transfer', async () => {
    const got = await ask('SELECT throwIf(number = 3000000) AS n FROM numbers(4000000) FORMAT TSV');
    const tag = String(got.headers['x-clickhouse-exception-tag']);
    expect([got.status, got.broken]).toEqual([200, true]);
    const [, inside] = got.text.split(`\r\n__exception__\r\n${tag}\r\n`);
    expect(inside).toMatch(/^Code: 395\. DB::Exception: [\s\S]+official build\)\)\n\d+ /);
    expect(inside?.endsWith(` ${tag}\r\n__exception__\r\n`)).toBe(true);
  });

  it(
    'a client that hangs up in the middle leaves no query running and no place taken',
    async () => {
      const endless =
        'SELECT number, sipHash64(number) FROM numbers(100000000000) FORMAT JSONEachRow';
      for (let i = 0; i < 6; i++) await stream(loader, endless, 5 * MIB);
      await until('the cut queries are gone', async () => (await ask(RUNNING)).text === '0\n');
      const before = rssOf(server);
      for (let i = 0; i < 6; i++) await stream(loader, endless, 5 * MIB);
      await until('the cut queries are gone', async () => (await ask(RUNNING)).text === '0\n');
      expect(rssOf(server) - before).toBeLessThan(100 * MIB);
      expect((await ask('SELECT 1')).text).toBe('1\n');
    },
    STARTS_WITHIN_MS,
  );

  it(
    'a client that hangs up before the first row has its query cancelled too',
    async () => {
      const out = request({ port: loader.port, method: 'POST', auth: `loader:${LOADER_PASSWORD}` });
      out.on('error', () => undefined);
      out.end(LONG);
      await until('it runs', async () => (await ask(RUNNING)).text === '1\n');
      out.destroy();
      await until('it is gone', async () => (await ask(RUNNING)).text === '0\n');
    },
    STARTS_WITHIN_MS,
  );

  it(
    'clients that hang up at any instant take no place',
    async () => {
      const rows = 'SELECT number, toString(number) FROM numbers(200000) FORMAT JSONEachRow';
      for (let i = 0; i < 250; i++) {
        await Promise.all([0, 4, 8].map((ms) => hangUp(loader, rows, ms + (i % 16) / 4)));
      }
      await until('none runs', async () => (await ask(STREAMING)).text === '0\n');
      const everyPlace = Array.from({ length: LIMITS.maxRunningQueries }, () => ask('SELECT 1'));
      expect((await Promise.all(everyPlace)).map((a) => a.status)).toEqual(
        everyPlace.map(() => 200),
      );
    },
    2 * STARTS_WITHIN_MS,
  );

  it('odd requests get an answer or a closed connection, and end nothing', async () => {
    const raw = (head: string): Promise<string> =>
      new Promise((resolve) => {
        let text = '';
        const socket = connect(server.port, '127.0.0.1', () => socket.end(head));
        socket.on('data', (data) => (text += data.toString()));
        socket.on('error', () => resolve(text));
        socket.on('close', () => resolve(text));
      });
    const auth = `Authorization: Basic ${Buffer.from(`loader:${LOADER_PASSWORD}`).toString('base64')}`;
    const end = `\r\n${auth}\r\nHost: x\r\nConnection: close\r\n\r\n`;
    for (const line of [
      'GET // HTTP/1.1',
      'OPTIONS * HTTP/1.1',
      'GET http://[ HTTP/1.1',
      'GET /?query=SELECT%201&query_id=a%0d%0ab%00%ff HTTP/1.1',
      'GET /?query=%zz&database=%00 HTTP/1.1',
      'GET /?query=SELECT%201%20FORMAT%20%60a%0d%0ab%60 HTTP/1.1',
      'GET /?query=SELECT%201&default_format=a%0d%0ab HTTP/1.1',
      'GET /?query=SELECT%201&param_%00=1 HTTP/1.1',
      'GET /?query=SELECT%201&session_id=%00%0a HTTP/1.1',
      'GET /?query=SELECT%20%22%00%22&log_comment=%27%5c HTTP/1.1',
      'POST /?query=INSERT%20INTO%20t%20FORMAT HTTP/1.1',
      'PATCH /?query=SELECT%201 HTTP/1.1',
      'no HTTP at all',
    ]) {
      await raw(line + end);
      expect([line, server.running]).toEqual([line, true]);
    }
    expect((await ask('SELECT 1')).text).toBe('1\n');
    expect(server.output).not.toContain('fatal');
  });

  it(
    'queries run side by side, each with its own settings, parameters and answer',
    async () => {
      const answers = await Promise.all(
        Array.from({ length: 60 }, (_, i) =>
          ask("SELECT {n:UInt32}, getSetting('max_block_size'), sleep(0.05) FORMAT CSV", {
            param_n: `${i}`,
            max_block_size: `${1_000 + i}`,
          }),
        ),
      );
      expect(answers.map((a) => a.text)).toEqual(answers.map((_, i) => `${i},${1_000 + i},0\n`));
    },
    STARTS_WITHIN_MS,
  );

  it(
    'what an insert acknowledged is there after kill -9, and nothing of it twice',
    async () => {
      let acked = 0;
      for (let round = 0; round < 2; round++) {
        const killAt = acked + 5;
        while (acked < killAt) {
          const done = await ask(
            `INSERT INTO tallyward.acked SELECT number + ${acked * 1_000} FROM numbers(1000)`,
          );
          expect(done.status).toBe(200);
          acked++;
        }
        const inFlight = ask(
          `INSERT INTO tallyward.acked SELECT number + 10000000 + ${round} * 1000000 FROM numbers(500000)`,
        ).catch(() => undefined);
        await server.kill('SIGKILL');
        await inFlight;
        await server.start();
        const { text } = await ask(
          'SELECT count(), uniqExact(id) FROM tallyward.acked WHERE id < 10000000',
        );
        expect(text).toBe(`${acked * 1_000}\t${acked * 1_000}\n`);
        const landed = await ask(
          `SELECT count() FROM tallyward.acked WHERE id >= ${10_000_000 + round * 1_000_000} AND id < ${11_000_000 + round * 1_000_000}`,
        );
        expect(['0\n', '500000\n']).toContain(landed.text);
      }
    },
    2 * STARTS_WITHIN_MS,
  );

  it(
    'SIGTERM lets running queries end, then leaves with 0 and the data closed',
    async () => {
      const running = ask(
        'SELECT sleepEachRow(0.5) FROM numbers(8) SETTINGS max_block_size = 1 FORMAT Null',
      );
      await until(
        'it runs',
        async () => (await ask('SELECT count() > 1 FROM system.processes')).text === '1\n',
      );
      const left = server.kill('SIGTERM');
      expect((await running).status).toBe(200);
      expect(await left).toBe(0);
      await server.start();
      expect((await ask('SELECT count() > 0 FROM tallyward.acked')).text).toBe('1\n');
    },
    STARTS_WITHIN_MS,
  );
});
