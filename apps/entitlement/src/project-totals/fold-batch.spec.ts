import {
  addAmounts,
  addProofs,
  type CountedKey,
  totalsKeyText,
  type TotalsRow,
} from '@tallyward/domain';
import type { LogEntry } from '@tallyward/platform';
import fc from 'fast-check';
import type { ParkedEntry } from '../storage/quarantine/park-entries';
import type { FoldTransaction } from '../storage/totals/fold-transaction';
import {
  batchOf,
  customersOf,
  NEVER_READ,
  NOW,
  rawEntry,
  usageEntry,
  voidOf,
} from './fold.builder';
import { foldBatch } from './fold-batch';
import { naiveTotals, type NaiveTotals, rowKey } from './naive-totals.builder';
import { type ReadAt, readBatch } from './read-batch';

/** The store in memory: what a transaction of Postgres does, without being one. */
class MemoryStore implements FoldTransaction {
  readonly next = new Map<number, bigint>();
  readonly keys = new Map<string, CountedKey>();
  readonly rows = new Map<string, TotalsRow>();
  readonly parked: ParkedEntry[] = [];
  /** Customer → time of its first event. */
  readonly customers = new Map<string, number>();

  async advance({ partition, from, next }: Parameters<FoldTransaction['advance']>[0]) {
    const stored = { partition, next: this.next.get(partition) ?? 0n, identity: null, reached: 0 };
    if (stored.next > from) return { kind: 'fenced' as const, stored };
    if (stored.next < from) return { kind: 'behind' as const, stored };
    this.next.set(partition, next);
    return { kind: 'advanced' as const };
  }

  async insertKeys(_: number, keys: Parameters<FoldTransaction['insertKeys']>[1]) {
    const known = new Map<string, CountedKey>();
    for (const key of keys) {
      const stored = this.keys.get(key.identity);
      if (stored) known.set(key.identity, stored);
      else this.keys.set(key.identity, key);
    }
    return known;
  }

  async replaceKeys(_: number, keys: Parameters<FoldTransaction['replaceKeys']>[1]) {
    for (const key of keys) this.keys.set(key.identity, key);
  }

  async park(entries: readonly ParkedEntry[]) {
    this.parked.push(...entries);
  }

  async addTotals(_: number, rows: readonly TotalsRow[]) {
    for (const row of rows) {
      const stored = this.rows.get(totalsKeyText(row.key));
      if (stored) {
        addAmounts(stored.amounts, row.amounts);
        stored.proof = addProofs(stored.proof, row.proof);
      } else this.rows.set(totalsKeyText(row.key), row);
    }
  }

  async seeCustomers(seen: Parameters<FoldTransaction['seeCustomers']>[0]) {
    for (const { customer, firstSeen } of seen) {
      if (!this.customers.has(customer)) this.customers.set(customer, firstSeen);
    }
  }

  async holdCustomers() {}

  async tellVoids() {}

  async countersOf() {
    return [];
  }

  async lockUsed() {
    return [];
  }

  async lockLeases() {
    return [];
  }

  async addToCounters() {}
  async payLeases() {}
  async keepOverruns() {}

  totals(): NaiveTotals {
    const rows = [...this.rows.values()].map(({ key, amounts, proof }) => {
      const sums = Object.entries({ ...amounts, proof });
      return [rowKey(key), Object.fromEntries(sums.map(([name, sum]) => [name, String(sum)]))];
    });
    return Object.fromEntries(rows);
  }
}

const DAY_MS = 86_400_000;
const PARTITIONS = [0, 5];
const customers = new Map(PARTITIONS.map((partition) => [partition, customersOf(partition, 2)]));

const step = fc.record({
  partition: fc.constantFrom(...PARTITIONS),
  kind: fc.constantFrom('event', 'event', 'event', 'event', 'void', 'void', 'tombstone', 'poison'),
  customer: fc.integer({ min: 0, max: 1 }),
  id: fc.integer({ min: 0, max: 5 }),
  sent: fc.integer({ min: 0, max: 2 }),
  tokens: fc.integer({ min: 0, max: 1_000_000_000 }),
  lateMs: fc.integer({ min: 0, max: 36 * DAY_MS }),
  waitMs: fc.oneof(fc.integer({ min: 0, max: 5_000_000 }), fc.constant(20 * DAY_MS)),
  model: fc.constantFrom('gpt-4o', 'o3'),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** The partitions' logs that the steps append to, and of each the entries that are good. */
function logsOf(steps: readonly Step[]) {
  let now = NOW;
  const logs = new Map(PARTITIONS.map((partition) => [partition, [] as LogEntry[]]));
  const good = new Map(PARTITIONS.map((partition) => [partition, [] as LogEntry[]]));
  for (const { partition, kind, customer, id, sent, tokens, lateMs, waitMs, model } of steps) {
    now += waitMs;
    const log = logs.get(partition) ?? [];
    const place = { offset: BigInt(log.length), appendedAt: now };
    if (kind === 'tombstone') log.push(rawEntry(place));
    if (kind === 'poison') log.push(rawEntry({ ...place, value: Buffer.from('{"nope":') }));
    const who = customers.get(partition)?.[customer] ?? '';
    if (kind === 'void') {
      const entry = voidOf(`e${id}`, { ...place, customer: who });
      log.push(entry);
      good.get(partition)?.push(entry);
    }
    if (kind !== 'event') continue;
    const what = { id: `e${id}`, model, inputTokens: tokens, sent: `${sent}`, time: now - lateMs };
    const entry = usageEntry({ ...place, ...what, customer: who });
    log.push(entry);
    good.get(partition)?.push(entry);
  }
  return { logs, good };
}

/** Deals a log out in batches of any sizes; now and then one comes twice, as from a zombie. */
async function foldInPieces(
  store: FoldTransaction,
  logs: ReadonlyMap<number, LogEntry[]>,
  pieces: readonly { partition: number; size: number; again: boolean }[],
): Promise<void> {
  const at = new Map(PARTITIONS.map((partition) => [partition, 0]));
  const rest = PARTITIONS.map((partition) => ({ partition, size: 1_000, again: false }));
  const readAt: ReadAt = async ({ partition, offsets }) =>
    (logs.get(partition) ?? []).filter(({ offset }) => offsets.includes(offset));
  for (const { partition, size, again } of [...pieces, ...rest]) {
    const from = at.get(partition) ?? 0;
    const entries = (logs.get(partition) ?? []).slice(from, from + size);
    if (entries.length === 0) continue;
    at.set(partition, from + entries.length);
    const batch = readBatch(batchOf(partition, entries));
    const answer = await foldBatch(store, batch, batch.from, readAt);
    expect(answer.kind).toBe('folded');
    if (again) expect((await foldBatch(store, batch, batch.from, readAt)).kind).toBe('fenced');
  }
}

describe('the totals fold', () => {
  it('any interleaving, repetition and batching gives the totals of the plainest count', async () => {
    const piece = fc.record({
      partition: fc.constantFrom(...PARTITIONS),
      size: fc.integer({ min: 1, max: 9 }),
      again: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 80 }),
        fc.array(piece, { maxLength: 40 }),
        async (steps, pieces) => {
          const { logs, good } = logsOf(steps);
          const store = new MemoryStore();
          await foldInPieces(store, logs, pieces);
          const expected = Object.assign({}, ...[...good.values()].map(naiveTotals));
          expect(store.totals()).toEqual(expected);
          const bad = steps.filter(({ kind }) => kind !== 'event' && kind !== 'void').length;
          const unread = store.parked.filter(({ reason }) => reason !== 'id-conflict');
          expect(unread).toHaveLength(bad);
        },
      ),
      { numRuns: 300, verbose: 1 },
    );
  });

  it('counts what it did: events, duplicates, conflicts, and what was set aside by reason', async () => {
    const [customer] = customers.get(0) ?? [];
    const entry = (offset: bigint, id: string, sent = 'x') =>
      usageEntry({ offset, id, sent, customer });
    const log = [entry(0n, 'a'), entry(1n, 'a'), entry(2n, 'a', 'y'), rawEntry({ offset: 3n })];
    const batch = readBatch(batchOf(0, log));
    const answer = await foldBatch(new MemoryStore(), batch, 0n, NEVER_READ);
    expect(answer).toEqual({
      kind: 'folded',
      elsewhere: [],
      counts: {
        counted: 1,
        duplicates: 1,
        conflicts: 1,
        voided: 0,
        parked: new Map([
          ['tombstone', 1],
          ['id-conflict', 1],
        ]),
      },
    });
  });

  it('meets each customer with the time of the earliest of its events that count', async () => {
    const [first = '', second = ''] = customers.get(0) ?? [];
    const store = new MemoryStore();
    const entry = (offset: bigint, customer: string, time: number, id = `e${offset}`) =>
      usageEntry({ offset, customer, time, id });
    const again = entry(3n, second, NOW - 9_000, 'e2');
    const log = [entry(0n, first, NOW), entry(1n, first, NOW - 5_000), entry(2n, second, NOW)];
    await foldBatch(store, readBatch(batchOf(0, [...log, again])), 0n, NEVER_READ);
    expect([...store.customers]).toEqual([
      [first, NOW - 5_000],
      [second, NOW],
    ]);
  });

  it('sets aside a conflict with its place, its bytes and whose it is', async () => {
    const [customer] = customers.get(0) ?? [];
    const store = new MemoryStore();
    const one = usageEntry({ offset: 7n, id: 'a', customer });
    const other = usageEntry({ offset: 8n, id: 'a', customer, sent: 'y' });
    await foldBatch(store, { ...readBatch(batchOf(0, [one])), from: 0n }, 0n, NEVER_READ);
    await foldBatch(store, readBatch(batchOf(0, [other])), 8n, NEVER_READ);
    expect(store.parked).toEqual([
      expect.objectContaining({
        partition: 0,
        offset: 8n,
        project: 'demo',
        key: `demo:${customer}`,
        reason: 'id-conflict',
        detail: expect.stringContaining('offset 7'),
        value: other.value,
      }),
    ]);
  });
});
