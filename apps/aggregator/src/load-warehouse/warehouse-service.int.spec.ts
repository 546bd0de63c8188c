import { testbed, until, type Testbed } from '@tallyward/testing';
import { signCaller, type SpanLine } from '@tallyward/platform';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { appended, entryOf, foldBed, recorded, rowsOf, type FoldBed } from './fold-bed.builder';

let fold: FoldBed<Testbed>;
beforeAll(async () => {
  fold = await foldBed(await testbed());
});
afterAll(() => fold.close());

const caller = { project: 'demo', scopes: ['read'], keyId: 'k', actor: 'spec', operator: false };

describe('the aggregator', () => {
  it('folds what is appended while it runs and says when it has it', async () => {
    const service = await fold.bed.spawnService('aggregator');
    const facts = Array.from({ length: 500 }, (_, n) => recorded({ customer: `c-${n % 20}` }));
    await appended(
      fold.appender,
      facts.map((fact) => entryOf(fact)),
    );
    const headers = { 'x-tallyward-caller': signCaller(caller, fold.bed.internalSecret) };
    await until(
      async () => {
        const answer = await fetch(`${service.url}/internal/warehouse/progress`, { headers });
        return ((await answer.json()) as { drained: boolean }).drained;
      },
      { what: 'the warehouse to have the log' },
    );
    const rows = await rowsOf(fold.clickhouse);
    expect(rows.map(({ event_id }) => event_id).sort()).toEqual(facts.map(({ id }) => id).sort());
    await service.stop();
  });

  it('shows the fold of a sampled entry in the trace that recorded it, and refuses strangers', async () => {
    const file = join(fold.bed.directory, 'spans.jsonl');
    const service = await fold.bed.spawnService('aggregator', { TALLYWARD_TRACE_FILE: file });
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const parentSpanId = '00f067aa0ba902b7';
    const traceparent = `00-${traceId}-${parentSpanId}-01`;
    await appended(fold.appender, [entryOf(recorded(), { traceparent })]);
    const span = await until(
      () => {
        const lines = readFileSync(file, 'utf8')
          .split('\n')
          .filter((line) => line !== '');
        const spans = lines.map((line) => JSON.parse(line) as SpanLine);
        return spans.find(({ name }) => name === 'fold usage.recorded');
      },
      { what: 'the span of the fold', withinMs: 40_000 },
    );
    expect(span).toMatchObject({ traceId, parentSpanId, service: 'aggregator' });
    const stranger = await fetch(`${service.url}/internal/warehouse/progress`);
    expect(stranger.status).toBe(401);
    // The span may be the one of the fold that proves, which folds the same entry.
    const metrics = await until(() => landedIn(service.url), { what: 'the row to have landed' });
    expect(metrics).not.toContain('acme');
    await service.stop();
  });
});

/** The metrics, once they tell of a row. */
async function landedIn(url: string): Promise<string | undefined> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return /tallyward_warehouse_rows_landed_total(\{[^}]*\})? 1/.test(metrics) ? metrics : undefined;
}
