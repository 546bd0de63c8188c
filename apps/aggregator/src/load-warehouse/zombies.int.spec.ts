import { encodeVoidEntry, TOPICS } from '@tallyward/contracts';
import { partitionKey, USAGE_PARTITIONS } from '@tallyward/domain';
import { Fenced, partitionOf, type LogEntry } from '@tallyward/platform';
import { testbed, until } from '@tallyward/testing';
import {
  insertSettings,
  insertStatement,
  USAGE_EVENTS,
  RowWriter,
  type InsertRange,
} from '../storage/clickhouse';
import { FoldStore, KeyPruningStore } from '../storage/postgres';
import { appended, entryOf, foldBed, recorded, rowsOf, type FoldBed } from './fold-bed.builder';
import { FoldEvents } from './fold-events';
import { formBatch, rowsIn } from './form-batch';
import { USAGE_LOG } from './usage-row';
import { WarehouseFold } from './warehouse-fold';

const CUSTOMER = 'acme';
const PARTITION = partitionOf(partitionKey('demo', CUSTOMER), USAGE_PARTITIONS);
const OWNER = { isRevoked: () => false, stopped: new AbortController().signal };
const DAY_MS = 86_400_000;
const NO_EVENTS = new FoldEvents({ info() {}, warn() {} });

let bed: FoldBed;
let entries: LogEntry[];
let identity: string;

/** Every test has its own engines' corner: the log's first entries are its own. */
beforeEach(async () => {
  bed = await foldBed(await testbed());
  identity = await bed.log.admin.topicIdentity(TOPICS.usageEvents.name);
  entries = [];
});
afterEach(() => bed.close());

async function append(count: number, given: { time?: number } = {}): Promise<void> {
  const facts = Array.from({ length: count }, () => recorded({ customer: CUSTOMER, ...given }));
  await appended(
    bed.appender,
    facts.map((fact) => entryOf(fact)),
  );
  entries = [];
  await bed.log.readRange({
    topic: TOPICS.usageEvents.name,
    partition: PARTITION,
    from: 0n,
    to: (await bed.log.admin.endOffsets(TOPICS.usageEvents.name)).get(PARTITION) ?? 0n,
    onEntries: (read) => void entries.push(...read),
  });
}

interface Process {
  readonly fold: WarehouseFold;
  /** Lets inserts through that were held back; none is unless `holds`. */
  release(): void;
}

/** One process of the service; `holds`: its inserts leave, and arrive when released. */
function aProcess(holds = false): Process {
  const writer = new RowWriter(bed.clickhouse, USAGE_EVENTS);
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const insert = async (range: InsertRange, rows: readonly string[]): Promise<void> => {
    if (holds) await held;
    return writer.insert(range, rows);
  };
  const store = new FoldStore(bed.postgres, 'live');
  return {
    fold: new WarehouseFold(store, { insert }, { ...USAGE_LOG, log: bed.log }, NO_EVENTS),
    release,
  };
}

function slice(from: number, to: number) {
  const part = entries.slice(from, to);
  return { partition: PARTITION, from: BigInt(from), to: BigInt(to), entries: part };
}

const offsets = async (): Promise<number[]> =>
  (await rowsOf(bed.clickhouse)).map(({ offset }) => Number(offset));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
const rowsOfSlice = (from: number, to: number): string[] =>
  rowsIn(formBatch(slice(from, to), USAGE_LOG.readRow));
const aRange = (from: number, to: number): InsertRange => ({
  topicIdentity: identity,
  partition: PARTITION,
  from: BigInt(from),
  to: BigInt(to),
});

describe('a zombie', () => {
  it('lands nothing with an insert that comes after more batches than ClickHouse remembers', async () => {
    await bed.clickhouse.command({
      query: `ALTER TABLE ${USAGE_EVENTS} MODIFY SETTING non_replicated_deduplication_window = 3`,
    });
    await append(40);
    const zombie = aProcess(true);
    const late = zombie.fold.load(slice(0, 10), identity, OWNER);
    const owner = aProcess();
    await waitForIntent();
    await owner.fold.finishOpen(PARTITION, OWNER);
    for (let at = 10; at < 40; at += 5) {
      await owner.fold.load(slice(at, at + 5), identity, OWNER);
    }
    zombie.release();
    await late;
    expect(await offsets()).toEqual(upTo(40));
  });

  it('changes no row and stops when its offset has been passed', async () => {
    await append(20);
    await aProcess().fold.load(slice(0, 15), identity, OWNER);
    const before = await state();
    await expect(aProcess().fold.load(slice(5, 12), identity, OWNER)).rejects.toThrow(Fenced);
    await expect(aProcess().fold.load(slice(0, 20), identity, OWNER)).rejects.toThrow(Fenced);
    expect(await state()).toEqual(before);
    expect(await offsets()).toEqual(upTo(15));
  });

  it('of another topic of the same name changes nothing', async () => {
    await append(10);
    await aProcess().fold.load(slice(0, 5), identity, OWNER);
    const stranger = aProcess().fold.load(slice(5, 10), 'cluster/another', OWNER);
    await expect(stranger).rejects.toThrow(Fenced);
    expect(await offsets()).toEqual(upTo(5));
  });
});

describe('an insert', () => {
  it('that landed in part is completed without doubling what is there', async () => {
    await append(30);
    const hand = insertStatement(USAGE_EVENTS, aRange(0, 30), rowsOfSlice(7, 19).join('\n'));
    await bed.clickhouse.command({ query: hand });
    await aProcess().fold.load(slice(0, 30), identity, OWNER);
    expect(await offsets()).toEqual(upTo(30));
  });

  it('is not repeated by ClickHouse under its token, though the guard were blind', async () => {
    await append(10);
    const statement = insertStatement(USAGE_EVENTS, aRange(0, 10), rowsOfSlice(0, 10).join('\n'));
    const [guard, format] = [statement.indexOf('WHERE ('), statement.indexOf('FORMAT ')];
    const query = statement.slice(0, guard) + statement.slice(format);
    expect(query).not.toContain('NOT IN');
    const clickhouse_settings = insertSettings(aRange(0, 10));
    for (let tries = 0; tries < 3; tries += 1) {
      await bed.clickhouse.command({ query, clickhouse_settings });
    }
    expect(await offsets()).toEqual(upTo(10));
  });

  it('sent by several at one instant lands once', async () => {
    await append(50);
    const rows = rowsOfSlice(0, 50);
    const writers = upTo(6).map(() => new RowWriter(bed.clickhouse, USAGE_EVENTS));
    await Promise.all(writers.map((writer) => writer.insert(aRange(0, 50), rows)));
    expect(await offsets()).toEqual(upTo(50));
  });

  it('carries any text unchanged, dollar signs and all', async () => {
    const id = `$d$ ' \\ \n \u0001 ' OR 1=1 -- $$ 顧客 👩‍💻`;
    const tags = { $d$: '$d$) ; DROP TABLE usage_events', 'a\tb': '' };
    await appended(bed.appender, [entryOf(recorded({ customer: CUSTOMER, id, tags }))]);
    await append(0);
    await aProcess().fold.load(slice(0, 1), identity, OWNER);
    const answer = await bed.clickhouse.query({
      query: 'SELECT event_id, tags FROM usage_events_v1',
      format: 'JSONEachRow',
    });
    expect(await answer.json()).toEqual([{ event_id: id, tags }]);
  });
});

describe('an open intent', () => {
  it('is finished before anything further is taken', async () => {
    await append(20);
    void aProcess(true).fold.load(slice(0, 10), identity, OWNER);
    await waitForIntent();
    const next = aProcess();
    await expect(next.fold.load(slice(10, 20), identity, OWNER)).rejects.toThrow('not known');
    await next.fold.finishOpen(PARTITION, OWNER);
    await next.fold.load(slice(10, 20), identity, OWNER);
    expect(await offsets()).toEqual(upTo(20));
  });

  it('keeps its keys from being pruned, and without them would lose its rows', async () => {
    await append(10, { time: Date.now() - 35 * DAY_MS });
    void aProcess(true).fold.load(slice(0, 10), identity, OWNER);
    await waitForIntent();
    const pruning = new KeyPruningStore(bed.postgres);
    expect(await pruning.prune('live', Date.now(), 1_000)).toBe(0);
    const owner = aProcess();
    await owner.fold.finishOpen(PARTITION, OWNER);
    expect(await offsets()).toEqual(upTo(10));
    expect(await pruning.prune('live', Date.now(), 1_000)).toBe(10);
  });

  it('keeps the key of what it voids, and without it would not take it back', async () => {
    const event = recorded({ customer: CUSTOMER, id: 'gone', time: Date.now() - 2_000 });
    await appended(bed.appender, [entryOf(event)]);
    const { project, customer, source, id } = event;
    const voids = { project, customer, source, id, reason: 'test', actor: 'spec', receivedAt: 1 };
    const key = partitionKey(project, customer);
    await appended(bed.appender, [{ key, value: encodeVoidEntry(voids) }]);
    await append(0);
    await aProcess().fold.load(slice(0, 1), identity, OWNER);
    void aProcess(true).fold.load(slice(1, 2), identity, OWNER);
    await waitForIntent();
    const pruning = new KeyPruningStore(bed.postgres);
    expect(await pruning.prune('live', Date.now() + DAY_MS, 1_000)).toBe(0);
    await aProcess().fold.finishOpen(PARTITION, OWNER);
    expect(await offsets()).toEqual([]);
    expect(await pruning.prune('live', Date.now() + DAY_MS, 1_000)).toBe(1);
  });

  it('formed again counts what its keys say, though the first of a conflict was pruned', async () => {
    const old = recorded({ customer: CUSTOMER, id: 'once', time: Date.now() - 35 * DAY_MS });
    await appended(bed.appender, [entryOf(old)]);
    const other = recorded({ customer: CUSTOMER, id: 'once' });
    await appended(bed.appender, [entryOf(other)]);
    await append(3);
    await aProcess().fold.load(slice(0, 1), identity, OWNER);
    void aProcess(true).fold.load(slice(1, 5), identity, OWNER);
    await waitForIntent();
    const pruned = await new KeyPruningStore(bed.postgres).prune('live', old.time + 1, 1_000);
    expect(pruned).toBe(1);
    await aProcess().fold.finishOpen(PARTITION, OWNER);
    expect(await offsets()).toEqual([0, 2, 3, 4]);
  });
});

async function waitForIntent(): Promise<void> {
  const store = new FoldStore(bed.postgres, 'live');
  await until(() => store.openIntent(PARTITION), { what: 'an intent to be written down' });
}

/** Everything in Postgres that a fold may change. */
async function state(): Promise<unknown[]> {
  const tables = ['log_progress', 'load_intent', 'usage_key', 'parked_entry'];
  return Promise.all(
    tables.map((table) =>
      bed.postgres.query(`SELECT md5(string_agg(t::text, '\n' ORDER BY t::text)) FROM ${table} t`),
    ),
  );
}
