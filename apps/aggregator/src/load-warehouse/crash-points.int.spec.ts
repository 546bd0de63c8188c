import { TOPICS } from '@tallyward/contracts';
import type { LogEntry } from '@tallyward/platform';
import { testbed, until, type Service, type Testbed } from '@tallyward/testing';
import { ProgressStore } from '../storage/postgres';
import { appended, entryOf, foldBed, recorded, rowsOf, type FoldBed } from './fold-bed.builder';
import { naiveWarehouse } from './naive-warehouse.builder';

/** Every place between two effects of the fold; the last two need an insert that is open before. */
const POINTS = [
  ['warehouse.before-intent'],
  ['warehouse.after-keys'],
  ['warehouse.after-intent'],
  ['warehouse.after-insert'],
  ['warehouse.after-landed'],
  ['warehouse.after-intent', 'warehouse.after-finishing-insert'],
  ['warehouse.after-insert', 'warehouse.after-finishing-insert'],
];
const DEADLINE_MS = 60_000;
jest.setTimeout(300_000);

type Fold = FoldBed<Testbed>;

const topic = TOPICS.usageEvents.name;

/** A stream as it comes: repeats, conflicts, late ones, and what no fold can read between them. */
async function appendStream(fold: Fold, round: string): Promise<void> {
  const facts = Array.from({ length: 120 }, (_, n) =>
    recorded({ id: `r${round}-${n}`, customer: `c-${n % 7}`, time: Date.now() - n * 3_600_000 }),
  );
  const [first] = facts;
  if (!first) throw new Error('no facts');
  const good = facts.map((fact) => entryOf(fact));
  const repeats = facts.filter((_, n) => n % 20 === 3).map((fact) => entryOf(fact));
  const conflict = entryOf(recorded({ ...first, content: 'f'.repeat(64) }));
  const poison = [
    { key: 'demo:c-1', value: 'not json' },
    { key: 'demo:c-2', value: null },
    { key: 'demo:c-3', value: entryOf(first).value },
    entryOf(recorded({ id: `late-${round}`, time: Date.now() - 40 * 86_400_000 })),
  ];
  await appended(fold.appender, [...good.slice(0, 60), ...poison, ...repeats]);
  await appended(fold.appender, [...good.slice(60), conflict, ...repeats]);
}

async function ends(fold: Fold): Promise<Map<number, bigint>> {
  return fold.log.admin.endOffsets(topic);
}

async function drained(fold: Fold): Promise<void> {
  const store = new ProgressStore(fold.postgres);
  const end = await ends(fold);
  await until(
    async () => {
      const progress = await store.progress('live');
      return progress.every(({ partition, landed }) => landed >= (end.get(partition) ?? 0n));
    },
    { what: 'the warehouse to have the log', withinMs: DEADLINE_MS },
  );
}

/** What the rules alone say of the log as it stands. */
async function model(fold: Fold): Promise<{ rows: string[]; parked: string[] }> {
  const rows: string[] = [];
  const parked: string[] = [];
  for (const [partition, to] of [...(await ends(fold))].sort(([a], [b]) => a - b)) {
    const entries: LogEntry[] = [];
    const onEntries = (read: LogEntry[]) => void entries.push(...read);
    await fold.log.readRange({ topic, partition, from: 0n, to, onEntries });
    const naive = naiveWarehouse(partition, entries);
    rows.push(...naive.counted.map((offset) => `${partition}/${offset}`));
    parked.push(...naive.parked.map((offset) => `${partition}/${offset}`));
  }
  return { rows, parked };
}

async function held(fold: Fold): Promise<{ rows: string[]; parked: string[] }> {
  const rows = await rowsOf(fold.clickhouse);
  const parked = await fold.postgres.query<{ place: string }[]>(
    `SELECT partition || '/' || "offset" AS place FROM parked_entry ORDER BY partition, "offset"`,
  );
  return {
    rows: rows.map(({ partition, offset }) => `${partition}/${offset}`),
    parked: parked.map(({ place }) => place),
  };
}

const isDead = (service: Service) => (): boolean => {
  try {
    return service.pid === 0;
  } catch {
    return true;
  }
};

/** Runs a service that dies at the point; what it waits for there is appended when it is up. */
async function dieAt(fold: Fold, point: string, stream?: string): Promise<void> {
  const env = { NODE_ENV: 'test', TALLYWARD_CRASH_AT: point };
  const spawned = fold.bed.spawnService('aggregator', env);
  // An insert that is open is finished as the service starts: it may die before it is ready.
  if (stream === undefined) return void (await spawned.catch(() => undefined));
  const doomed = await spawned;
  await appendStream(fold, stream);
  await until(isDead(doomed), { what: `death at ${point}`, withinMs: DEADLINE_MS });
}

describe('kill -9', () => {
  // Each waits most of its time for Kafka to give up a dead member: they may wait together.
  it.concurrent.each(POINTS)('at %s loses no row and doubles none', async (...points) => {
    const fold = await foldBed(await testbed());
    try {
      const [first, second] = points;
      await dieAt(fold, `${first}`, 'first');
      if (second !== undefined) await dieAt(fold, second);
      const service = await fold.bed.spawnService('aggregator');
      await appendStream(fold, 'second');
      await drained(fold);
      expect(await held(fold)).toEqual(await model(fold));
      await service.stop();
    } finally {
      await fold.close();
    }
  });
});
