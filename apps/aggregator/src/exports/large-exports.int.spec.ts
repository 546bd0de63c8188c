import { Problem } from '@tallyward/platform';
import { NDJSON, testbed, until, type Testbed } from '@tallyward/testing';
import type { FoldBed } from '../load-warehouse/fold-bed.builder';
import { ExportPlaces } from './export-places';
import { exportBed, insertMany, OCTOBER, textOf, type Asking } from './exported.builder';
import { ExportsService } from './exports.service';

jest.setTimeout(300_000);

const MANY = 400_000;

describe('an export of many events', () => {
  let bed: FoldBed<Testbed>;
  let ask: Asking;
  beforeAll(async () => {
    ({ bed, ask } = await exportBed(await testbed({ own: ['clickhouse'] })));
    await insertMany(bed, 'many', MANY);
  });
  afterAll(() => bed?.close());
  const path = `/v1/exports/events?${OCTOBER}`;
  const readerOf = async (signal?: AbortSignal) =>
    (await ask('many', path, NDJSON, signal)).body!.getReader();

  it('has each of them', async () => {
    const lines = (await textOf(ask('many', path, NDJSON))).split('\n').length - 1;
    expect(lines).toBe(MANY);
  });

  it('keeps its place while it runs: a project’s third is told to come again', async () => {
    const stop = new AbortController();
    await Promise.all([readerOf(stop.signal), readerOf(stop.signal)]);
    const third = await ask('many', path, NDJSON);
    expect([third.status, third.headers.get('retry-after')]).toEqual([429, '5']);
    expect(await third.json()).toMatchObject({ code: 'overloaded' });
    expect((await ask('others', path, NDJSON)).status).toBe(200);
    stop.abort();
    const isFree = async () => {
      const answer = await ask('many', `${path}&customer=nobody`, NDJSON);
      await answer.text();
      return answer.status === 200;
    };
    await until(isFree, { what: 'a place', withinMs: 20_000 });
  });

  it('whose query fails on its way ends with an error, not as a shorter file', async () => {
    const log = { warn: () => undefined } as never;
    const service = new ExportsService(bed.clickhouse, log, new ExportPlaces());
    const query = `SELECT number AS n, throwIf(number = ${MANY}) AS failed, repeat('x', 100) AS x
      FROM numbers(${2 * MANY})`;
    for (const format of ['csv', 'ndjson'] as const) {
      const text = await service.open('many', { query, params: {}, columns: ['n'] }, format);
      if (text instanceof Problem) throw text;
      let bytes = 0;
      const toTheEnd = async (): Promise<void> => {
        for await (const chunk of text) bytes += (chunk as Buffer).length;
      };
      await expect(toTheEnd()).rejects.toThrow();
      expect(bytes).toBeGreaterThan(1_000_000);
    }
  });

  it('that breaks off is no file: the connection ends without the end of the answer', async () => {
    const reader = await readerOf();
    expect((await reader.read()).done).toBe(false);
    bed.bed.kill('clickhouse');
    const toTheEnd = async (): Promise<void> => {
      while (!(await reader.read()).done);
    };
    await expect(toTheEnd()).rejects.toThrow();
    await bed.bed.serves('clickhouse');
  });
});
