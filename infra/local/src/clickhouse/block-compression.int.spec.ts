import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unframe } from './block-compression';
import { ChdbEngine } from './chdb-engine';
import { LIMITS } from './limits';

const STARTS_WITHIN_MS = 60_000;
const LIMIT = 10 * 1024 * 1024;
const LENGTHS = [0, 1, 2, 3, 5, 6, 7, 8, 9, 20, 90, 102, 103, 104, 120, 150, 231, 232, 400, 5_000];

/** Every column file of the engine is a row of such blocks, checksums and all. */
const columnFiles = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.bin') && !file.includes('user_defined'))
    .map((file) => join(folder, file));

describe('the engine’s own blocks, of many lengths, are read and their checksums found right', () => {
  it.each(['NONE', 'LZ4'])(
    'codec %s',
    async (codec) => {
      const folder = mkdtempSync(join(tmpdir(), 'tallyward-blocks-'));
      const engine = await ChdbEngine.open(folder, LIMITS);
      const connection = engine.connect(false);
      const ask = (sql: string): Promise<unknown> => connection.read(sql, 'TSV');
      await ask(
        `CREATE TABLE t (s String CODEC(${codec})) ENGINE = MergeTree ORDER BY tuple()
       SETTINGS min_bytes_for_wide_part = 0, min_rows_for_wide_part = 0, max_suspicious_broken_parts = 0`,
      );
      await ask('SYSTEM STOP MERGES t');
      for (const n of LENGTHS) {
        await ask(
          `INSERT INTO t SELECT arrayStringConcat(arrayMap(i -> char(97 + (i * ${n}) % 23), range(${n})))`,
        );
      }
      connection.close();
      engine.close();
      const found = columnFiles(folder).map((file) => unframe(readFileSync(file), LIMIT).length);
      // the bytes of a part's only string lie in a file of their own, its length in another
      for (const n of LENGTHS.filter((length) => length > 0)) expect(found).toContain(n);
      rmSync(folder, { recursive: true, force: true });
    },
    STARTS_WITHIN_MS,
  );
});
