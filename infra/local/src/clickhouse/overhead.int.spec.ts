import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChdbEngine, type EngineConnection } from './chdb-engine';
import { LOADER_PASSWORD, SpawnedServer } from './conformance/spawned-server';
import { send } from './conformance/target';
import { LIMITS } from './limits';
import { loadNative, type Native } from './native';

const STARTS_WITHIN_MS = 120_000;
const ROUNDS = 3;
const ROWS = 50_000;
const TABLE = `CREATE TABLE t (id UInt64, name String, tokens UInt32) ENGINE = MergeTree ORDER BY id`;
const INSERT = 'INSERT INTO t FORMAT JSONEachRow';

const rowsFrom = (from: number): Buffer =>
  Buffer.from(
    Array.from({ length: ROWS }, (_, i) =>
      JSON.stringify({ id: from + i, name: `customer-${i % 20} ${'x'.repeat(100)}`, tokens: i }),
    ).join('\n'),
  );

/** The middle of several rounds, in milliseconds; the two sides take turns. */
async function race(
  direct: () => Promise<unknown>,
  served: () => Promise<unknown>,
): Promise<[number, number]> {
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    for (const [side, run] of [direct, served].entries()) {
      const from = process.hrtime.bigint();
      await run();
      times[side]?.push(Number(process.hrtime.bigint() - from) / 1e6);
    }
  }
  const middle = (list: number[]): number => list.sort((a, b) => a - b)[ROUNDS >> 1] ?? 0;
  return [middle(times[0]), middle(times[1])];
}

describe('what the HTTP server costs on top of the engine, in one run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tallyward-overhead-'));
  let server: SpawnedServer;
  let base: URL;
  let native: Native;
  let engine: ChdbEngine;
  let direct: EngineConnection;
  let handle: unknown;
  beforeAll(async () => {
    server = await SpawnedServer.start();
    base = new URL(`http://loader:${LOADER_PASSWORD}@127.0.0.1:${server.port}`);
    engine = await ChdbEngine.open(folder, LIMITS);
    direct = engine.connect(false);
    native = await loadNative();
    handle = native.CreateConnection(join(folder, 'store'), []);
    await direct.read(TABLE, 'TSV');
    await send(base, { body: TABLE });
  }, STARTS_WITHIN_MS);
  afterAll(async () => {
    native.CloseConnection(handle);
    direct.close();
    engine.close();
    await server.end();
    rmSync(folder, { recursive: true, force: true });
  });

  const print = (what: string, [bare, served]: [number, number]): void => {
    const ratio = (bare / served).toFixed(2);
    process.stdout.write(
      `${what}: engine ${bare.toFixed(1)} ms, served ${served.toFixed(1)} ms, ratio ${ratio}\n`,
    );
  };
  it(
    'prints the ratios',
    async () => {
      let id = 0;
      const next = (): Buffer => rowsFrom((id += ROWS));
      const batches = Array.from({ length: 2 * ROUNDS }, next);
      let batch = 0;
      const rows = (): Buffer => batches[batch++] ?? Buffer.alloc(0);
      print(
        `insert of ${ROWS} JSON rows`,
        await race(
          () => native.InsertRawAsyncConnection(handle, INSERT, rows(), false),
          () => send(base, { url: { query: INSERT }, body: rows() }),
        ),
      );
      for (const [what, sql] of [
        ['SELECT 1', 'SELECT 1'],
        ['an aggregate over the rows', 'SELECT name, sum(tokens), count() FROM t GROUP BY name'],
        ['100,000 rows out', 'SELECT * FROM t LIMIT 100000'],
      ] as const) {
        const run = (): Promise<unknown> => direct.read(sql, 'JSONEachRow');
        print(
          what,
          await race(run, () => send(base, { url: { default_format: 'JSONEachRow' }, body: sql })),
        );
      }
      const counted = await send(base, { body: 'SELECT count() FROM t' });
      expect(counted.text).toBe(`${ROUNDS * ROWS}\n`);
    },
    STARTS_WITHIN_MS,
  );
});
