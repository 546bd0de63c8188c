import { TOPICS } from '@tallyward/contracts';
import { testbed, until, type Testbed } from '@tallyward/testing';
import { ProgressStore } from '../storage/postgres';
import { appended, entryOf, foldBed, recorded, rowsOf, type FoldBed } from './fold-bed.builder';

const DEADLINE_MS = 90_000;
jest.setTimeout(300_000);

const topic = TOPICS.usageEvents.name;

let fold: FoldBed<Testbed>;
beforeAll(async () => {
  fold = await foldBed(await testbed({ own: ['clickhouse', 'postgres'] }));
});
afterAll(() => fold.close());

async function append(count: number): Promise<string[]> {
  const facts = Array.from({ length: count }, (_, n) => recorded({ customer: `c-${n % 5}` }));
  const entries = facts.map((fact) => entryOf(fact));
  await appended(fold.appender, [...entries, ...entries.slice(0, 3)]);
  return facts.map(({ id }) => id);
}

async function drained(): Promise<void> {
  const store = new ProgressStore(fold.postgres);
  const ends = await fold.log.admin.endOffsets(topic);
  await until(
    async () =>
      (await store.progress('live')).every(
        ({ partition, landed }) => landed >= (ends.get(partition) ?? 0n),
      ),
    { what: 'the warehouse to have the log', withinMs: DEADLINE_MS },
  );
}

const ids = async (): Promise<string[]> =>
  (await rowsOf(fold.clickhouse)).map(({ event_id }) => event_id).sort();

describe('the warehouse fold', () => {
  it('catches up by itself after each of its engines died under load, and counts once', async () => {
    const service = await fold.bed.spawnService('aggregator');
    const sent = await append(200);
    for (const engine of ['clickhouse', 'postgres', 'clickhouse'] as const) {
      sent.push(...(await append(200)));
      fold.bed.kill(engine);
      sent.push(...(await append(200)));
      await fold.bed.serves(engine);
      sent.push(...(await append(100)));
    }
    await drained();
    expect(await ids()).toEqual(sent.sort());
    const { pid } = service;
    expect(pid).toBeGreaterThan(0);

    // The same process, never restarted by a fault of its engines; then killed under load itself.
    await service.kill();
    sent.push(...(await append(50)));
    await service.start();
    await drained();
    expect(await ids()).toEqual(sent.sort());
    await service.stop();
  });
});
