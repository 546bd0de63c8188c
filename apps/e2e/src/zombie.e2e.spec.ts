import { type Service, until, usageEvents } from '@tallyward/testing';
import { Client } from 'pg';
import { Stack, START_WITHIN_MS } from './stack.builder';

jest.setTimeout(240_000);

/** Sessions lapse after 6 s; Postgres ends a transaction that does nothing after 30 s. */
const TAKEN_OVER_WITHIN_MS = 90_000;
const LOOK_DEADLINE_MS = 5_000;
const EVENTS = 300;
const PARTITIONS = 12;

let stack: Stack;
let postgres: Client;

beforeAll(async () => {
  stack = await Stack.start();
  postgres = await session();
}, START_WITHIN_MS);

afterAll(async () => {
  await postgres?.end();
  await stack?.close();
});

async function session(): Promise<Client> {
  const client = new Client({ connectionString: stack.bed.postgres.admin });
  // Its server ends with the bed; who waits for an answer is told by the answer.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function report(run: string): Promise<void> {
  const events = usageEvents(EVENTS, (n) => ({
    id: `${run}-${n}`,
    customer: `customer-${n % 60}`,
    time: Date.now() - 1_000,
  }));
  expect((await stack.send(events)).status).toBe(202);
}

/** How many partitions of its fold this process has in hand. */
async function owned({ url }: Service, group: string): Promise<number> {
  const signal = AbortSignal.timeout(LOOK_DEADLINE_MS);
  const text = await (await fetch(`${url}/metrics`, { signal })).text();
  const start = `tallyward_log_owned_partitions{group="${group}"`;
  const line = text.split('\n').find((one) => one.startsWith(start)) ?? ' 0';
  return Number(line.slice(line.lastIndexOf(' ')));
}

/** True while the process has a statement that waits for a lock: it is in the middle of a batch. */
async function isInBatch({ instance }: Service): Promise<boolean> {
  const { rowCount } = await postgres.query(
    `SELECT 1 FROM pg_stat_activity
     WHERE application_name LIKE '%' || $1 AND wait_event_type = 'Lock' AND datname = current_database()`,
    [instance],
  );
  return (rowCount ?? 0) > 0;
}

/** Every row that a fold writes, with the transaction that wrote it last. */
async function written(): Promise<string> {
  const tables = [
    'entitlement.usage_total',
    'entitlement.usage_key',
    'entitlement.log_progress',
    'aggregator.usage_key',
    'aggregator.log_progress',
    'aggregator.load_intent',
  ];
  const found: string[] = [];
  for (const table of tables) {
    const { rows } = await postgres.query<{ digest: string; count: string }>(
      `SELECT count(*), md5(string_agg(t.xmin::text || t::text, E'\\n' ORDER BY t::text)) AS digest
       FROM ${table} t`,
    );
    found.push(`${table}: ${rows[0]?.count} rows ${rows[0]?.digest}`);
  }
  return found.join('\n');
}

describe('a process that is frozen in mid-batch while another takes over', () => {
  it('changes no row when it goes on, takes part again, and both folds agree (I2, I5)', async () => {
    const { bed, entitlement, aggregator, operatorKey } = stack;
    const folds = [
      {
        group: 'entitlement-totals',
        heir: entitlement,
        zombie: await bed.spawnService('entitlement', { TALLYWARD_OPERATOR_KEY: operatorKey }),
      },
      {
        group: 'aggregator.warehouse',
        heir: aggregator,
        zombie: await bed.spawnService('aggregator'),
      },
    ];
    for (const { group, zombie } of folds) {
      await until(async () => (await owned(zombie, group)) > 0, { what: `a share of ${group}` });
    }
    const blocker = await session();
    await blocker.query('BEGIN');
    await blocker.query(
      'LOCK TABLE entitlement.usage_key, aggregator.usage_key IN ACCESS EXCLUSIVE MODE',
    );
    await report('frozen');
    for (const { zombie } of folds) {
      await until(() => isInBatch(zombie), { what: `${zombie.instance} in mid-batch` });
      process.kill(zombie.pid, 'SIGSTOP');
    }
    const pids = folds.map(({ zombie }) => zombie.pid);
    const frozenAt = performance.now();
    try {
      await blocker.query('ROLLBACK');
      await blocker.end();
      for (const { group, heir } of folds) {
        await until(async () => (await owned(heir, group)) === PARTITIONS, {
          what: `${heir.instance} to own all of ${group}`,
          withinMs: TAKEN_OVER_WITHIN_MS,
        });
      }
      print(`taken over after ${since(frozenAt)} s`);
      await report('taken over');
      await until(() => stack.folded().then(() => true), {
        what: 'the heirs to fold all',
        withinMs: TAKEN_OVER_WITHIN_MS,
      });
      print(`all folded ${since(frozenAt)} s after the freeze`);
      const before = await written();
      for (const pid of pids) process.kill(pid, 'SIGCONT');
      for (const { group, heir, zombie } of folds) {
        await until(async () => (await owned(heir, group)) < PARTITIONS, {
          what: `${zombie.instance} to take part again`,
          withinMs: TAKEN_OVER_WITHIN_MS,
        });
      }
      expect(await written()).toBe(before);
      expect(folds.map(({ zombie }) => zombie.pid)).toEqual(pids);
    } finally {
      // Left frozen by a failed look, it could not be ended by its supervisor.
      for (const pid of pids) process.kill(pid, 'SIGCONT');
    }
    await report('after');
    const reportedAt = performance.now();
    await stack.folded();
    print(`what came after was folded in ${since(reportedAt)} s`);
    const { code, stdout } = await stack.reconcile('--json');
    const result = JSON.parse(stdout) as { equal: boolean; log: { calls: number } };
    expect([code, result.equal, result.log.calls]).toEqual([0, true, 3 * EVENTS]);
  });
});

const since = (at: number): string => ((performance.now() - at) / 1_000).toFixed(1);
const print = (line: string): void => void process.stdout.write(`zombies: ${line}\n`);
