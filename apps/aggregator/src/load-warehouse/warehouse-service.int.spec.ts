import { testbed, until, type Testbed } from '@tallyward/testing';
import { signCaller } from '@tallyward/platform';
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
});
