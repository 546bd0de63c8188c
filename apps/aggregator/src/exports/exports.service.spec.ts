import type { ClickHouseClient, Row } from '@clickhouse/client';
import { Problem } from '@tallyward/platform';
import { until } from '@tallyward/testing';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import { ExportPlaces, MOST_EXPORTS, MOST_EXPORTS_OF_A_PROJECT } from './export-places';
import { EXPORT_DEADLINE_MS, ExportsService } from './exports.service';

const STATEMENT = { query: '', params: {}, columns: ['a', 'b'] };
const MARK = ['x', 'a "b",\r\nc'];

const row = (values: unknown[]): Row =>
  ({ text: JSON.stringify(values), json: () => values }) as unknown as Row;

/** Blocks of rows, as the client gives them; counts those that were taken. */
function source(blocks: number, fail?: Error) {
  const taken = { blocks: 0 };
  async function* rows(): AsyncGenerator<Row[]> {
    for (; taken.blocks < blocks; taken.blocks += 1) {
      yield Array.from({ length: 1_000 }, () => row(MARK));
    }
    if (fail) throw fail;
  }
  return { taken, stream: () => Readable.from(rows(), { highWaterMark: 1 }) };
}

const opened: Readable[] = [];
afterEach(() => opened.splice(0).forEach((text) => text.destroy()));

function exporting(stream: () => Readable) {
  const clickhouse = { query: async () => ({ stream }) } as unknown as ClickHouseClient;
  const told: unknown[] = [];
  const log = { warn: (line: unknown) => told.push(line) };
  const service = new ExportsService(clickhouse, log as never, new ExportPlaces());
  const open = async (project = 'demo') => {
    const text = await service.open(project, STATEMENT, 'csv');
    if (text instanceof Problem) throw text;
    opened.push(text);
    return text;
  };
  const isFull = async () => {
    const text = await service.open('demo', STATEMENT, 'csv');
    if (text instanceof Problem) return true;
    opened.push(text);
    return false;
  };
  return { open, isFull, told };
}

const lengthOf = async (text: Readable): Promise<number> => (await textOf(text)).length;
const never = () => new Readable({ objectMode: true, read() {} });

describe('an export', () => {
  it('is whole: a header, and every row as it was, whatever stands in it', async () => {
    const text = await textOf(await exporting(source(2).stream).open());
    expect(text).toBe(`a,b\n${'x,"a ""b"",\r\nc"\n'.repeat(2_000)}`);
  });

  it('takes no more rows than its reader has room for', async () => {
    const { taken, stream } = source(10_000);
    const text = await exporting(stream).open();
    await once(text, 'readable');
    for (let turn = 0; turn < 100; turn += 1) await new Promise((done) => setImmediate(done));
    expect(taken.blocks).toBeLessThan(10);
    text.destroy();
  });

  it('that breaks off ends with an error, is told, and frees its place', async () => {
    const { open, isFull, told } = exporting(source(3, new Error('gone')).stream);
    await expect(open().then(lengthOf)).rejects.toThrow('gone');
    expect(told).toMatchObject([{ err: { message: 'gone' } }]);
    expect(await isFull()).toBe(false);
  });

  it('that nobody reads any more frees its place and ends its query', async () => {
    const queries: Readable[] = [];
    const { open, isFull, told } = exporting(() => queries[queries.push(never()) - 1]!);
    const [first] = [await open(), await open()];
    expect(await isFull()).toBe(true);
    first.destroy();
    await until(async () => !(await isFull()), { what: 'a place' });
    expect([queries[0]?.destroyed, queries[1]?.destroyed]).toEqual([true, false]);
    expect(told).toEqual([]);
  });

  it('has a deadline', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    try {
      const text = await exporting(never).open();
      const read = expect(textOf(text)).rejects.toThrow('longer than 300000 ms');
      jest.advanceTimersByTime(EXPORT_DEADLINE_MS);
      await read;
    } finally {
      jest.useRealTimers();
    }
  });

  it('frees its place where the query fails', async () => {
    const { open, isFull } = exporting(() => {
      throw new Error('refused');
    });
    for (let n = 0; n <= MOST_EXPORTS; n += 1) await expect(open()).rejects.toThrow('refused');
    await expect(isFull()).rejects.toThrow('refused');
  });
});

describe('exports at once', () => {
  it('are bounded, in all and of one project; a place is freed once', () => {
    const places = new ExportPlaces();
    const own = Array.from({ length: MOST_EXPORTS_OF_A_PROJECT + 1 }, () => places.take('demo'));
    expect(own.map((free) => free !== undefined)).toEqual([true, true, false]);
    const others = ['a', 'b', 'c'].map((project) => places.take(project));
    expect(others.map((free) => free !== undefined)).toEqual([true, true, false]);
    own[0]?.();
    own[0]?.();
    expect(places.take('c')).toBeDefined();
    expect(places.take('demo')).toBeUndefined();
  });
});
