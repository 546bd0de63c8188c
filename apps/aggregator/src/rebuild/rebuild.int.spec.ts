import { TOPICS } from '@tallyward/contracts';
import { testbed, until, type Testbed } from '@tallyward/testing';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  appended,
  entryOf,
  foldBed,
  recorded,
  rowsOf,
  type FoldBed,
} from '../load-warehouse/fold-bed.builder';
import { USAGE_EVENTS } from '../storage/clickhouse';
import { ProgressStore } from '../storage/postgres';

const MAIN = join(__dirname, '../../dist/rebuild/main.js');
const DEADLINE_MS = 60_000;
jest.setTimeout(240_000);

type Fold = FoldBed<Testbed>;
let fold: Fold;
/** Everything sent so far: the service runs on through all of it. */
const sent: string[] = [];
beforeAll(async () => {
  fold = await foldBed(await testbed());
  await fold.bed.spawnService('aggregator');
});
afterAll(() => fold.close());

interface Told {
  readonly equal: boolean;
  readonly rows: number;
  readonly entries: number;
  readonly differences: readonly { kind: string; eventId: string }[];
}

const run = promisify(execFile);

async function rebuild(env: Record<string, string> = {}): Promise<Told> {
  const { stdout } = await run(process.execPath, [MAIN, 'warehouse', '--json'], {
    env: {
      PATH: process.env.PATH,
      KAFKAJS_NO_PARTITIONER_WARNING: '1',
      TALLYWARD_KAFKA_BROKERS: fold.bed.brokers.join(','),
      TALLYWARD_TOPIC_PREFIX: fold.bed.namespace,
      TALLYWARD_POSTGRES_URL: fold.bed.postgres.aggregator,
      TALLYWARD_CLICKHOUSE_URL: fold.bed.clickhouse.loader,
      ...env,
    },
    timeout: DEADLINE_MS,
  });
  return JSON.parse(stdout) as Told;
}

async function append(count: number): Promise<string[]> {
  const facts = Array.from({ length: count }, (_, n) => recorded({ customer: `c-${n % 9}` }));
  const entries = facts.map((fact) => entryOf(fact));
  await appended(fold.appender, [...entries, ...entries.slice(0, 5)]);
  const ids = facts.map(({ id }) => id);
  sent.push(...ids);
  return ids;
}

async function drained(): Promise<void> {
  const store = new ProgressStore(fold.postgres);
  const ends = await fold.log.admin.endOffsets(TOPICS.usageEvents.name);
  const isThere = async (): Promise<boolean> =>
    (await store.progress('live')).every(
      ({ partition, landed }) => landed >= (ends.get(partition) ?? 0n),
    );
  await until(isThere, { what: 'the warehouse to have the log', withinMs: DEADLINE_MS });
}

/** Every byte of every row, in one order. */
async function fingerprint(): Promise<string> {
  const answer = await fold.clickhouse.query({
    query: `SELECT hex(sipHash128(groupArray(row))) AS hash FROM (
      SELECT tuple(*) AS row FROM ${USAGE_EVENTS} AS e ORDER BY e.partition, e.offset)`,
    format: 'JSONEachRow',
  });
  const [row] = await answer.json<{ hash: string }>();
  return row?.hash ?? '';
}

const ids = async (): Promise<string[]> =>
  (await rowsOf(fold.clickhouse)).map(({ event_id }) => event_id).sort();

describe('rebuild warehouse', () => {
  it('gives the same bytes as the live fold, which goes on meanwhile (I6)', async () => {
    await append(400);
    await drained();
    const live = await fingerprint();
    expect(await rebuild()).toMatchObject({ equal: true, rows: 400, entries: 405 });
    expect(await fingerprint()).toBe(live);

    const going = rebuild();
    const seen: number[] = [];
    const looking = until(
      async () => {
        seen.push((await ids()).length);
        return (await Promise.race([going, Promise.resolve(null)])) !== null;
      },
      { what: 'the rebuild', withinMs: DEADLINE_MS },
    );
    await append(300);
    expect((await going).equal).toBe(true);
    await looking;
    // The views answer at every moment, with the old rows or the new ones.
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(400);
    await append(50);
    await drained();
    expect(await ids()).toEqual([...sent].sort());
  });

  it('names what was damaged by hand, and mends it', async () => {
    const [gone, changed, doubled] = await append(60);
    await drained();
    const before = await fingerprint();
    const change = (query: string): Promise<unknown> =>
      fold.clickhouse.command({ query, clickhouse_settings: { mutations_sync: '2' } });
    await change(`ALTER TABLE ${USAGE_EVENTS} DELETE WHERE event_id = '${gone}'`);
    await change(
      `ALTER TABLE ${USAGE_EVENTS} UPDATE tokens = tokens + 1 WHERE event_id = '${changed}'`,
    );
    await change(
      `INSERT INTO ${USAGE_EVENTS} SELECT * FROM ${USAGE_EVENTS} WHERE event_id = '${doubled}'`,
    );
    const told = await rebuild();
    expect(told.equal).toBe(false);
    const named = told.differences.map(({ kind, eventId }) => `${kind} ${eventId}`).sort();
    expect(named).toEqual([`changed ${changed}`, `doubled ${doubled}`, `missing ${gone}`]);
    expect(await fingerprint()).toBe(before);
  });

  it.each([
    'rebuild.after-prepare',
    'rebuild.after-fence',
    'rebuild.after-swap-intent',
    'rebuild.after-exchange',
    'rebuild.after-rename',
  ])('killed at %s leaves a warehouse that goes on whole', async (point) => {
    const death = rebuild({ NODE_ENV: 'test', TALLYWARD_CRASH_AT: point });
    await expect(death).rejects.toMatchObject({ signal: 'SIGKILL' });
    await append(40);
    await drained();
    expect(await ids()).toEqual([...sent].sort());
    expect(await rebuild()).toMatchObject({ equal: true, rows: sent.length });
    expect(await ids()).toEqual([...sent].sort());
  });
});
