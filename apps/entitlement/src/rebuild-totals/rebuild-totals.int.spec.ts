import { TOPICS } from '@tallyward/contracts';
import { LIFETIME } from '@tallyward/domain';
import { testbed, until, type Testbed } from '@tallyward/testing';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { HoldOwners } from '../project-totals/hold-owners';
import { rowKey } from '../project-totals/naive-totals.builder';
import { TotalsFold } from '../project-totals/totals-fold';
import { stream, toAppend, UsageLog } from '../project-totals/usage-log.builder';
import { UsageLogConsumer } from '../project-totals/usage-log.consumer';
import { openStorage } from '../storage/data-source';
import { aHold, SettlingCustomer } from '../storage/leases/settling-customer.builder';
import { RebuildRunning, RebuildStore } from '../storage/totals/rebuild-store';
import {
  storedQuarantine,
  storedSums,
  totalsDigest,
} from '../storage/totals/stored-totals.builder';
import { TotalsStore } from '../storage/totals/totals-store';
import { REBUILD_CRASH_POINTS, type Rebuilt, TotalsRebuild } from './rebuild-totals';

const TOPIC = TOPICS.usageEvents.name;
const MAIN = join(__dirname, '../../dist/rebuild-totals/main.js');
jest.setTimeout(180_000);

describe('a rebuild of the totals', () => {
  let bed: Testbed;
  let usage: UsageLog;
  let dataSource: DataSource;
  let store: TotalsStore;
  let consumer: UsageLogConsumer;

  beforeEach(async () => {
    bed = await testbed();
    usage = await UsageLog.open(bed);
    dataSource = await openStorage(bed.postgres.entitlement, 'rebuild-spec', () => undefined);
    store = new TotalsStore(dataSource);
    const fold = new TotalsFold(store, usage.log, new HoldOwners(usage.log));
    const fatal = (fault: Error): never => {
      throw fault;
    };
    consumer = new UsageLogConsumer(usage.log, fatal, store, fold);
    await consumer.onApplicationBootstrap();
  });

  afterEach(async () => {
    await consumer?.onModuleDestroy();
    await usage?.close();
    await dataSource?.destroy();
    await bed?.close();
  });

  async function drained(): Promise<void> {
    const ends = await usage.ends();
    await until(
      async () => {
        const progress = await store.progress(TOPIC);
        return progress.every(({ partition, next }) => next >= (ends.get(partition) ?? 0n));
      },
      { what: 'the fold to reach the end of the log', withinMs: 60_000 },
    );
  }

  async function rebuilt(during: () => Promise<void> = async () => undefined): Promise<Rebuilt> {
    const tables = await RebuildStore.open(dataSource, TOPIC);
    let begun: Promise<void> | undefined;
    try {
      const rebuild = new TotalsRebuild(tables, usage.log, () => (begun ??= during()));
      const answer = await rebuild.run();
      await begun;
      return answer;
    } finally {
      await tables.close();
    }
  }

  interface Ended {
    readonly code: number | null;
    readonly signal: string | null;
    readonly stdout: string;
    readonly stderr: string;
  }

  /** Runs the command itself. */
  function command(args: string[], env: Record<string, string> = {}): Promise<Ended> {
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: {
        PATH: process.env.PATH,
        NODE_ENV: 'test',
        TALLYWARD_KAFKA_BROKERS: bed.brokers.join(),
        TALLYWARD_TOPIC_PREFIX: bed.namespace,
        TALLYWARD_ENTITLEMENT_POSTGRES_URL: bed.postgres.entitlement,
        ...env,
      },
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (stdout += String(chunk)));
    child.stderr.on('data', (chunk: Buffer) => (stderr += String(chunk)));
    return new Promise((resolve) => {
      child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
    });
  }

  const waitingForLocks = async (): Promise<number> => {
    const rows = await dataSource.query<{ count: string }[]>(
      `SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    );
    return Number(rows[0]?.count);
  };

  const tables = async (): Promise<string[]> => {
    const rows = await dataSource.query<{ name: string }[]>(
      `SELECT tablename AS name FROM pg_tables
       WHERE schemaname = 'entitlement' AND tablename LIKE 'usage%' ORDER BY 1`,
    );
    return rows.map(({ name }) => name);
  };

  it('gives the same bytes as the live fold, sets nothing aside again, and is folded on', async () => {
    await usage.append(stream('a', 600));
    await drained();
    const before = await totalsDigest(dataSource);
    const parked = await storedQuarantine(dataSource);
    const answer = await rebuilt();
    expect(answer).toMatchObject({ differing: 0, first: [] });
    expect(await totalsDigest(dataSource)).toBe(before);
    expect(await storedQuarantine(dataSource)).toEqual(parked);
    await usage.append(stream('a', 600));
    await usage.append(stream('b', 200));
    await drained();
    expect(await storedSums(dataSource, rowKey)).toEqual((await usage.model()).totals);
    expect(await tables()).toEqual(['usage_key', 'usage_total']);
    expect((await rebuilt()).differing).toBe(0);
  });

  it('takes its place while the live fold goes on', async () => {
    await usage.append(stream('a', 2_000));
    await drained();
    const answer = await rebuilt(async () => {
      for (let round = 0; round < 10; round += 1) await usage.append(stream(`r${round}`, 400));
    });
    expect(answer.differing).toBe(0);
    await drained();
    expect(await storedSums(dataSource, rowKey)).toEqual((await usage.model()).totals);
  });

  it('names rows that were edited, lost or made up, and mends them', async () => {
    await usage.append(stream('a', 200));
    await drained();
    const before = await totalsDigest(dataSource);
    const first = `(SELECT ctid FROM entitlement.usage_total ORDER BY quarter, model LIMIT 1)`;
    const last = `(SELECT ctid FROM entitlement.usage_total ORDER BY quarter DESC, model LIMIT 1)`;
    await dataSource.query(`UPDATE entitlement.usage_total SET calls = calls + 1
      WHERE ctid = ${first}`);
    await dataSource.query(`DELETE FROM entitlement.usage_total WHERE ctid = ${last}`);
    await dataSource.query(`INSERT INTO entitlement.usage_total
      SELECT (jsonb_populate_record(t, '{"customer":"made-up"}')).*
      FROM entitlement.usage_total t LIMIT 1`);
    const { code, stdout } = await command(['--json']);
    const answer = JSON.parse(stdout) as Record<string, unknown>;
    expect(code).toBe(0);
    expect(answer).toMatchObject({ rebuilt: 'totals', equal: false, differing: 3 });
    expect(answer.differences).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ live: null }),
        expect.objectContaining({ rebuilt: null }),
        { key: expect.anything(), live: expect.anything(), rebuilt: expect.anything() },
      ]),
    );
    expect(await totalsDigest(dataSource)).toBe(before);
    expect((await command([])).stdout).toContain('They equal the rows they replace.');
  });

  it('counters of windows on quarters equal the totals afterwards, and leases are left alone', async () => {
    const who = new SettlingCustomer(dataSource, 'c-1');
    const now = Date.now();
    const minute = { from: now - 60_000, to: now };
    await who.open(
      who.counter('ever', { window: LIFETIME, amount: 10_000_000 }),
      who.counter('minute', { window: minute, isOnQuarters: false }),
      who.counter('premium calls', { window: LIFETIME, modelGroup: 'premium', unit: 'calls' }),
    );
    const lease = await who.lease('ever', 500, { windowStart: LIFETIME.from });
    const hold = aHold({ parts: [[lease, 30]] });
    await usage.append([...stream('a', 200), toAppend({ customer: 'c-1', time: now, hold })]);
    await drained();
    const before = await who.counters();
    expect((await rebuilt()).counters).toEqual({ compared: 2, differing: 0, first: [] });
    expect(await who.counters()).toEqual(before);
    await dataSource.query(`UPDATE entitlement.counter SET used = used + 7`);
    const { stdout } = await command(['--json']);
    const { equal, differing, counters } = JSON.parse(stdout) as Record<string, unknown>;
    expect({ equal, differing, counters }).toEqual({
      equal: false,
      differing: 0,
      counters: {
        compared: 2,
        differing: 2,
        differences: ['ever', 'premium calls'].map((name) => {
          const used = before.find((one) => one.name === name)?.used ?? 0;
          return expect.objectContaining({ name, live: String(used + 7), rebuilt: String(used) });
        }),
      },
    });
    const minuteOff = (await who.counters()).map((one) =>
      one.name === 'minute' ? { ...one, used: one.used - 7 } : one,
    );
    expect(minuteOff).toEqual(before);
    expect(before).toContainEqual(expect.objectContaining({ name: 'ever', leased: 485 }));
    expect(await who.settled(lease)).toEqual([15]);
    expect((await command([])).stdout).toContain('2 counters equal them.');
  });

  it('killed anywhere leaves the live totals as they were, or wholly replaced', async () => {
    await usage.append(stream('a', 300));
    await drained();
    for (const point of REBUILD_CRASH_POINTS) {
      const before = await totalsDigest(dataSource);
      const { signal } = await command([], { TALLYWARD_CRASH_AT: point });
      expect([point, signal]).toEqual([point, 'SIGKILL']);
      expect(await totalsDigest(dataSource)).toBe(before);
      // Whichever tables stand there now, the live fold goes on with them.
      await usage.append(stream(`after-${point}`, 20));
      await drained();
    }
    await dataSource.query('UPDATE entitlement.usage_total SET tokens = tokens + 1');
    expect(await command(['--json'])).toMatchObject({ code: 0 });
    expect(await tables()).toEqual(['usage_key', 'usage_total']);
    expect(await storedSums(dataSource, rowKey)).toEqual((await usage.model()).totals);
  });

  it('waits for an auditor who reads as of an instant before it', async () => {
    await usage.append(stream('a', 100));
    await drained();
    const auditor = new DataSource({ type: 'postgres', url: bed.postgres.auditor });
    await auditor.initialize();
    try {
      const session = auditor.createQueryRunner();
      await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      await session.query(
        'LOCK TABLE entitlement.log_progress, entitlement.usage_total IN ACCESS SHARE MODE',
      );
      const count = 'SELECT sum(calls) AS calls FROM entitlement.usage_total';
      const [before] = (await session.query(count)) as unknown[];
      const rebuilding = rebuilt();
      await until(async () => (await waitingForLocks()) > 0, { what: 'the swap to wait' });
      expect(await session.query(count)).toEqual([before]);
      await session.query('COMMIT');
      await session.release();
      expect((await rebuilding).differing).toBe(0);
    } finally {
      await auditor.destroy();
    }
  });

  it('one at a time', async () => {
    const first = await RebuildStore.open(dataSource, TOPIC);
    const second = RebuildStore.open(dataSource, TOPIC);
    await expect(second).rejects.toBeInstanceOf(RebuildRunning);
    await first.close();
    await (await RebuildStore.open(dataSource, TOPIC)).close();
  });
});
