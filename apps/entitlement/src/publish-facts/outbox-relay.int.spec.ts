import { TOPICS } from '@tallyward/contracts';
import { type AppendOutcome, createLogger, type Entry, type Log } from '@tallyward/platform';
import { testbed, type Testbed, until } from '@tallyward/testing';
import type { DataSource } from 'typeorm';
import { EntitlementEvents } from '../events';
import { openStorage } from '../storage/data-source';
import { queueEntries } from '../storage/outbox/queue-entries';
import { OutboxRelay } from './outbox-relay';

const lines = createLogger({ service: 'spec', instance: 'spec', level: 'silent' });
const KEYS = ['a', 'b'];
const ACKED: AppendOutcome = { kind: 'acked', place: { topic: '', partition: 0, offset: 0n } };
const UNKNOWN: AppendOutcome = { kind: 'unknown', reason: 'no answer' };

interface Held {
  readonly keys: string[];
  answer(outcome: AppendOutcome): void;
}

/** A log that keeps every append waiting until the spec answers it. */
class HeldLog {
  readonly held: Held[] = [];

  appender() {
    return {
      append: (_topic: string, entries: Entry[]) =>
        new Promise<AppendOutcome[]>((resolve) => {
          const answer = (outcome: AppendOutcome) => resolve(entries.map(() => outcome));
          this.held.push({ keys: entries.map(({ key }) => key), answer });
        }),
      close: async () => undefined,
    };
  }
}

describe('the outbox relay', () => {
  let bed: Testbed;
  let postgres: DataSource;
  let running: { relay: OutboxRelay; log: HeldLog }[] = [];

  beforeAll(async () => {
    bed = await testbed();
    postgres = await openStorage(bed.postgres.entitlement, 'spec', () => undefined);
  });

  afterEach(async () => {
    for (const { relay, log } of running) {
      const stopped = relay.stop();
      log.held.forEach(({ answer }) => answer(UNKNOWN));
      await stopped;
    }
    running = [];
    await postgres.query('DELETE FROM outbox');
  });

  afterAll(async () => {
    await postgres?.destroy();
    await bed?.close();
  });

  function start(instance: string): { relay: OutboxRelay; log: HeldLog } {
    const log = new HeldLog();
    const relay = new OutboxRelay({
      log: log as unknown as Log,
      postgresUrl: bed.postgres.entitlement,
      instance,
      events: new EntitlementEvents(lines),
      onFatal: (fault) => {
        throw fault;
      },
    });
    running.push({ relay, log });
    relay.start();
    return { relay, log };
  }

  const queue = (): Promise<void> => {
    const topic = TOPICS.facts.name;
    const entries = KEYS.map((key) => ({ topic, key, value: '{}', headers: {} }));
    return postgres.transaction((manager) => queueEntries(manager, entries));
  };

  async function queued(): Promise<string[]> {
    const rows = await postgres.query<{ key: string }[]>('SELECT key FROM outbox ORDER BY id');
    return rows.map(({ key }) => key);
  }

  const toPublish = async (): Promise<number> => {
    const sql = 'SELECT count(*)::int AS entries FROM outbox WHERE set_aside_at IS NULL';
    const [row] = await postgres.query<{ entries: number }[]>(sql);
    return row?.entries ?? 0;
  };

  /** When an instance last asked for the lock and has done nothing since; undefined: otherwise. */
  async function askedAt(instance: string): Promise<string | undefined> {
    const rows = await postgres.query<{ at: string }[]>(
      `SELECT query_start::text AS at FROM pg_stat_activity
       WHERE application_name = $1 AND datname = current_database() AND state = 'idle'
         AND query LIKE '%pg_try_advisory_lock%'`,
      [`tallyward ${instance} outbox`],
    );
    return rows[0]?.at;
  }

  it('deletes an entry when the log has acked it, and not before', async () => {
    const { log } = start('one');
    await queue();
    await until(() => log.held.length === 1, { what: 'the entries to be on their way' });
    expect(await queued()).toEqual(KEYS);
    log.held[0]?.answer(UNKNOWN);
    const wentOn = async () => log.held.length === 2 || (await queued()).length === 0;
    await until(wentOn, { what: 'the relay to go on' });
    expect(await queued()).toEqual(KEYS);
    expect(log.held[1]?.keys).toEqual(KEYS);
    log.held[1]?.answer(ACKED);
    await until(async () => (await queued()).length === 0, { what: 'the outbox to be empty' });
    expect(log.held).toHaveLength(2);
  });

  it('sets aside what the log will never take, keeps it, and goes on with the others', async () => {
    const { log } = start('one');
    await queue();
    await until(() => log.held.length === 1, { what: 'the entries to be on their way' });
    log.held[0]?.answer({ kind: 'refused', reason: 'too-large' });
    await until(async () => (await toPublish()) === 0, { what: 'them to be set aside' });
    await queue();
    await until(() => log.held.length === 2, { what: 'the others to be on their way' });
    log.held[1]?.answer(ACKED);
    await until(async () => (await toPublish()) === 0, { what: 'the others to be published' });
    expect(await queued()).toEqual(KEYS);
    expect(log.held).toHaveLength(2);
  });

  it('publishes on one instance at a time; another takes over when that one is gone', async () => {
    const first = start('one');
    await until(() => first.relay.isActive, { what: 'the first to be active' });
    const other = start('other');
    const asked = new Set<string>();
    const hasTriedTwice = async (): Promise<boolean> => {
      const at = await askedAt('other');
      if (at !== undefined) asked.add(at);
      return asked.size >= 2 || other.relay.isActive;
    };
    await until(hasTriedTwice, { what: 'the other to try for the lock' });
    expect([first.relay.isActive, other.relay.isActive]).toEqual([true, false]);
    await first.relay.stop();
    await until(() => other.relay.isActive, { what: 'the other to take over' });
    await queue();
    await until(() => other.log.held.length === 1, { what: 'its entries to be on their way' });
    expect(first.log.held).toEqual([]);
  });
});
