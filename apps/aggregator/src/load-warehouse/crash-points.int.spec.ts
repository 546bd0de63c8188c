import { TOPICS } from '@tallyward/contracts';
import type { LogEntry } from '@tallyward/platform';
import { testbed, Trap, until, type Testbed } from '@tallyward/testing';
import { join } from 'node:path';
import { ProgressStore } from '../storage/postgres';
import { appended, entryOf, foldBed, recorded, rowsOf, type FoldBed } from './fold-bed.builder';
import { naiveWarehouse } from './naive-warehouse.builder';

/** Places between two effects of the fold; the last two need an insert that is open before. */
const POINTS = [
  ['warehouse.before-intent'],
  ['warehouse.after-keys'],
  ['warehouse.after-intent'],
  ['warehouse.after-insert'],
  ['warehouse.after-landed'],
  ['warehouse.after-intent', 'warehouse.after-finishing-insert'],
  ['warehouse.after-insert', 'warehouse.after-finishing-insert'],
];
const NAMED = POINTS.map((points) => [points.join(', then '), points] as const);
const DEADLINE_MS = 60_000;
jest.setTimeout(300_000);

type Fold = FoldBed<Testbed>;

const topic = TOPICS.usageEvents.name;

/** A stream as it comes: repeats, conflicts, late ones, and what no fold can read between them. */
async function appendStream(fold: Pick<Fold, 'appender'>, round: string): Promise<void> {
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

/** Runs a service until it has died where the trap is next set; it is fed when it is up. */
async function dieNext({ bed, appender }: Fold, trap: Trap, life: number): Promise<void> {
  const spawned = bed.spawnService('aggregator', trap.environment());
  if (life === 1) {
    await spawned;
    await appendStream({ appender }, 'first');
  } else {
    // An insert that is open is finished as the service starts: it may die before it is ready.
    spawned.catch(() => undefined);
  }
  await trap.sprung(life);
}

describe('kill -9', () => {
  // Each waits most of its time for Kafka to give up a dead member: they may wait together.
  it.concurrent.each(NAMED)('at %s loses no row and doubles none', async (_, points) => {
    const fold = await foldBed(await testbed());
    try {
      const trap = new Trap(join(fold.bed.directory, 'trap'));
      trap.set(points);
      for (const life of points.keys()) await dieNext(fold, trap, life + 1);
      expect(trap.deaths()).toEqual(points);
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
