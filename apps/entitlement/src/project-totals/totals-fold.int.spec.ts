import { TOPICS } from '@tallyward/contracts';
import { KEEP_KEYS_MS, PARK_AFTER_MS } from '@tallyward/domain';
import { Fenced, type LogBatch, type LogEntry, LogFault } from '@tallyward/platform';
import { testbed, type Testbed } from '@tallyward/testing';
import type { DataSource } from 'typeorm';
import { openStorage } from '../storage/data-source';
import {
  outboxLength,
  storedKeys,
  storedQuarantine,
  storedSums,
} from '../storage/totals/stored-totals.builder';
import { TotalsStore } from '../storage/totals/totals-store';
import { batchOf, customersOf, NEVER_READ, NOW, rawEntry, usageEntry } from './fold.builder';
import { foldBatch } from './fold-batch';
import { HoldOwners } from './hold-owners';
import { naiveTotals, type NaiveTotals, rowKey } from './naive-totals.builder';
import { readBatch } from './read-batch';
import { TotalsFold } from './totals-fold';

const TOPIC = TOPICS.usageEvents.name;
const [CUSTOMER = '', OTHER = ''] = customersOf(0, 2);
const NOBODY_ELSEWHERE = new HoldOwners({
  appender: () => {
    throw new Error('no event here settles a hold');
  },
});
const TABLES = 'entitlement.usage_key, entitlement.usage_total, entitlement.quarantine';

describe('the totals fold on Postgres', () => {
  let bed: Testbed;
  let dataSource: DataSource;
  let store: TotalsStore;
  /** What the log holds between two offsets; nothing, unless a test says otherwise. */
  let inTheGap: LogEntry[] = [];
  let fold: TotalsFold;

  beforeAll(async () => {
    bed = await testbed();
    dataSource = await openStorage(bed.postgres.entitlement, 'totals-spec', () => undefined);
    store = new TotalsStore(dataSource);
    fold = new TotalsFold(
      store,
      {
        readAt: NEVER_READ,
        readRange: async ({ to, onEntries }) => {
          if (inTheGap.length > 0) await onEntries(inTheGap);
          return to;
        },
      },
      NOBODY_ELSEWHERE,
    );
  });

  afterAll(async () => {
    await dataSource?.destroy();
    await bed?.close();
  });

  beforeEach(async () => {
    inTheGap = [];
    await dataSource.query(`TRUNCATE ${TABLES}, entitlement.outbox`);
    await dataSource.query(
      'UPDATE entitlement.log_progress SET next_offset = 0, identity = NULL, reached = NULL',
    );
  });

  const entry = (offset: number, id: string, more: object = {}): LogEntry =>
    usageEntry({ offset: BigInt(offset), id, customer: CUSTOMER, ...more });

  const totals = (): Promise<NaiveTotals> => storedSums(dataSource, rowKey);

  const positions = async (): Promise<bigint> => (await store.position(TOPIC, 0)).next;

  it('an event counts once, in its batch and against all before, from whichever gateway', async () => {
    const log = [
      entry(0, 'a'),
      entry(1, 'b', { receivedAt: NOW + 1 }),
      entry(2, 'a', { receivedAt: NOW + 5_000 }),
      entry(3, 'b', { receivedAt: NOW + 9_000 }),
      entry(4, 'c', { customer: OTHER }),
      entry(5, 'a', { receivedAt: NOW + 7_000 }),
    ];
    await fold.fold(batchOf(0, log.slice(0, 3)));
    await fold.fold(batchOf(0, log.slice(3)));
    expect(await totals()).toEqual(naiveTotals(log));
    expect((await storedKeys(dataSource)).map((key) => key.offset)).toEqual(['0', '1', '4']);
    expect(await storedQuarantine(dataSource)).toEqual([]);
    expect(await positions()).toBe(6n);
  });

  it('an identity with other content is set aside, in its batch and against all before', async () => {
    const log = [entry(0, 'a'), entry(1, 'a', { sent: 'y' }), entry(2, 'b')];
    await fold.fold(batchOf(0, log));
    await fold.fold(batchOf(0, [entry(3, 'b', { sent: 'y' })]));
    expect(await totals()).toEqual(naiveTotals([log[0], log[2]] as LogEntry[]));
    expect(await storedQuarantine(dataSource)).toEqual([
      { partition: 0, offset: '1', reason: 'id-conflict', project: 'demo' },
      { partition: 0, offset: '3', reason: 'id-conflict', project: 'demo' },
    ]);
    expect(await outboxLength(dataSource, TOPICS.quarantine.name)).toBe(2);
  });

  it('what is no usage event goes aside with its place; the good ones around it count', async () => {
    const elsewhere = customersOf(3, 1)[0];
    const tooLate = { time: NOW - PARK_AFTER_MS - 1 };
    const log = [
      entry(0, 'a'),
      rawEntry({ offset: 1n }),
      rawEntry({ offset: 2n, value: Buffer.from([0xff, 0xfe]) }),
      rawEntry({ offset: 3n, value: Buffer.from('{"project":"demo"}'), key: 'demo:x' }),
      { ...entry(4, 'b'), key: 'demo:somebody-else' },
      entry(5, 'c', { customer: elsewhere }),
      entry(6, 'd', tooLate),
      rawEntry({ offset: 7n, value: Buffer.alloc(4_096), key: '\u0000\ud800' }),
      entry(8, 'e'),
    ];
    await fold.fold(batchOf(0, log));
    expect(await totals()).toEqual(naiveTotals([log[0], log[8]] as LogEntry[]));
    const parked = await storedQuarantine(dataSource);
    expect(parked.map(({ offset, reason }) => [offset, reason])).toEqual([
      ['1', 'tombstone'],
      ['2', 'not-json'],
      ['3', 'not-a-usage-event'],
      ['4', 'wrong-key'],
      ['5', 'wrong-partition'],
      ['6', 'too-late'],
      ['7', 'not-json'],
    ]);
    expect(await positions()).toBe(9n);
  });

  describe('the fence', () => {
    it('a zombie that resumes changes no row, and stops', async () => {
      const log = [entry(0, 'a'), entry(1, 'b'), rawEntry({ offset: 2n }), entry(3, 'c')];
      const zombie = batchOf(0, log.slice(0, 3), { isRevoked: () => true });
      await fold.fold(batchOf(0, log.slice(0, 2)));
      await fold.fold(batchOf(0, log.slice(2)));
      const before = await totals();
      await expect(fold.fold(zombie)).rejects.toBeInstanceOf(Fenced);
      expect(await totals()).toEqual(before);
      expect(before).toEqual(naiveTotals([log[0], log[1], log[3]] as LogEntry[]));
      expect(await storedQuarantine(dataSource)).toHaveLength(1);
      expect(await positions()).toBe(4n);
    });

    it('of two folds with one batch in hand at once, one folds it', async () => {
      const log = Array.from({ length: 300 }, (_, i) => entry(i, `e${i % 200}`));
      const owner = fold.fold(batchOf(0, log));
      const zombie = fold.fold(batchOf(0, log, { isRevoked: () => true }));
      const ends = await Promise.allSettled([owner, zombie]);
      expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(await totals()).toEqual(naiveTotals(log));
    });

    it('an owner whom a late commit has overtaken asks the store anew, and is not ended', async () => {
      await fold.fold(batchOf(0, [entry(0, 'a')]));
      const late = fold.fold(batchOf(0, [entry(0, 'a')]));
      await expect(late).rejects.toThrow('the store is at 1');
      await expect(late).rejects.not.toBeInstanceOf(Fenced);
    });

    it('passes over offsets that the log does not have, and over no others', async () => {
      await fold.fold(batchOf(0, [entry(0, 'a')]));
      inTheGap = [entry(1, 'b')];
      await expect(fold.fold(batchOf(0, [entry(4, 'c')]))).rejects.toThrow('were not handed over');
      expect(await positions()).toBe(1n);
      inTheGap = [];
      await fold.fold(batchOf(0, [entry(4, 'c')], { next: 7n }));
      expect(await positions()).toBe(7n);
    });

    it('a topic made anew ends the fold, and changes no row', async () => {
      await fold.fold(batchOf(0, [entry(0, 'a')]));
      const anew: Partial<LogBatch> = { identity: 'cluster/another' };
      const ended = fold.fold(batchOf(0, [entry(1, 'b')], anew));
      await expect(ended).rejects.toBeInstanceOf(LogFault);
      await expect(ended).rejects.toMatchObject({ code: 'topic-made-anew' });
      expect(await positions()).toBe(1n);
      expect(await totals()).toEqual(naiveTotals([entry(0, 'a')]));
    });
  });

  it('what is set aside stands or falls with its batch', async () => {
    const batch = readBatch(batchOf(0, [entry(0, 'a'), rawEntry({ offset: 1n })]));
    const addTotals = () => Promise.reject(new Error('cut off'));
    const cut = store.fold((tx) => foldBatch({ ...tx, addTotals }, batch, 0n, NEVER_READ));
    await expect(cut).rejects.toThrow('cut off');
    expect(await storedQuarantine(dataSource)).toEqual([]);
    expect(await outboxLength(dataSource, TOPICS.quarantine.name)).toBe(0);
    expect(await storedKeys(dataSource)).toEqual([]);
    expect(await positions()).toBe(0n);
  });

  it('keys go when the log itself has moved past them, and what counts stays the same', async () => {
    const old = entry(0, 'a', { time: NOW });
    const at = (offset: number, id: string, appendedAt: number): LogEntry =>
      entry(offset, id, { appendedAt, time: appendedAt });
    const later = NOW + KEEP_KEYS_MS;
    await fold.fold(batchOf(0, [old, at(1, 'b', later)]));
    expect(await store.pruneKeys(NOW, 10)).toBe(0);
    expect(await store.pruneKeys(NOW + 1, 10)).toBe(1);
    expect((await storedKeys(dataSource)).map((key) => key.offset)).toEqual(['1']);
    const log = [old, at(1, 'b', later), at(2, 'a', later + 1), at(3, 'a', later + 1)];
    await fold.fold(batchOf(0, log.slice(2)));
    expect(await totals()).toEqual(naiveTotals(log));
  });

  it('an id used again after its key stopped vouching counts, pruned or not', async () => {
    const later = NOW + PARK_AFTER_MS + 1;
    const again = { appendedAt: later, time: later, sent: 'y' };
    const log = [entry(0, 'a'), entry(1, 'a', again), entry(2, 'a', again)];
    await fold.fold(batchOf(0, log.slice(0, 1)));
    await fold.fold(batchOf(0, log.slice(1)));
    expect(await totals()).toEqual(naiveTotals(log));
    expect((await storedKeys(dataSource)).map((key) => key.offset)).toEqual(['1']);
    expect(await storedQuarantine(dataSource)).toEqual([]);
  });

  it('pruning goes in bounded steps, oldest first', async () => {
    const log = Array.from({ length: 10 }, (_, i) => entry(i, `e${i}`, { time: NOW - i * 1_000 }));
    await fold.fold(batchOf(0, log));
    expect(await store.pruneKeys(NOW, 4)).toBe(4);
    const left = (await storedKeys(dataSource)).map((key) => key.offset);
    expect(left).toEqual(['0', '1', '2', '3', '4', '5']);
  });
});
