import { until } from '@tallyward/local';
import {
  bigintAsNumber,
  constraintOf,
  inTransaction,
  isCheckViolation,
  isConnectionLoss,
  isLockTimeout,
  isStatementTimeout,
  isUniqueViolation,
  openPostgres,
  type PostgresOptions,
} from '@tallyward/platform';
import {
  Column,
  type DataSource,
  Entity,
  type MigrationInterface,
  PrimaryColumn,
  type QueryRunner,
} from 'typeorm';
import { testbed, type Testbed } from '../testbed/testbed';

@Entity({ name: 'accounts', schema: 'entitlement' })
class Account {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @Column({ type: 'bigint', transformer: bigintAsNumber })
  units!: number;
}

class Accounts1763700000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'CREATE TABLE accounts (id text PRIMARY KEY, units bigint NOT NULL CHECK (units >= 0))',
    );
    // Long enough for a second instance to come meanwhile.
    await runner.query('SELECT pg_sleep(0.3)');
  }

  async down(): Promise<void> {}
}

class Broken1763700000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE half (n int)');
    await runner.query('SELECT 1 / 0');
  }

  async down(): Promise<void> {}
}

let bed: Testbed;
let troubles: string[];
const opened: DataSource[] = [];
const open = async (more: Partial<PostgresOptions> = {}): Promise<DataSource> => {
  const dataSource = await openPostgres({
    url: bed.postgres.entitlement,
    schema: 'entitlement',
    entities: [Account],
    migrations: [Accounts1763700000001],
    applicationName: 'spec',
    onTrouble: (message) => troubles.push(message),
    ...more,
  });
  opened.push(dataSource);
  return dataSource;
};

beforeAll(async () => {
  bed = await testbed({ own: ['postgres'] });
});
beforeEach(() => {
  troubles = [];
});
afterEach(async () => {
  for (const dataSource of opened.splice(0)) await dataSource.destroy();
});
afterAll(() => bed.close());

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

test('two instances that start at once migrate once, in the service’s own schema', async () => {
  const [one] = await Promise.all([open(), open()]);
  const tables = await one.query(
    `SELECT table_schema || '.' || table_name AS name FROM information_schema.tables
     WHERE table_name IN ('accounts', 'migrations') ORDER BY 1`,
  );
  expect(tables).toEqual([{ name: 'entitlement.accounts' }, { name: 'entitlement.migrations' }]);
  expect(await one.query('SELECT name FROM migrations')).toEqual([
    { name: 'Accounts1763700000001' },
  ]);
});

test('a migration that breaks leaves nothing behind, and frees the lock', async () => {
  const migrations = [Accounts1763700000001, Broken1763700000002];
  await expect(open({ migrations })).rejects.toThrow('division by zero');
  expect(troubles).toEqual([expect.stringContaining('Broken1763700000002')]);
  const good = await open();
  expect(await good.query(`SELECT to_regclass('half') AS half`)).toEqual([{ half: null }]);
});

test('every wait has its named limit at the server', async () => {
  const dataSource = await open();
  const limits = await dataSource.query(
    `SELECT name, setting FROM pg_settings WHERE name IN ('statement_timeout', 'lock_timeout',
     'idle_in_transaction_session_timeout', 'application_name', 'TimeZone') ORDER BY name`,
  );
  expect(limits).toEqual([
    { name: 'TimeZone', setting: 'UTC' },
    { name: 'application_name', setting: 'spec' },
    { name: 'idle_in_transaction_session_timeout', setting: '30000' },
    { name: 'lock_timeout', setting: '10000' },
    { name: 'statement_timeout', setting: '30000' },
  ]);
});

test('faults are told apart', async () => {
  const dataSource = await open({ statementTimeoutMs: 200 });
  const accounts = dataSource.getRepository(Account);
  await accounts.insert({ id: 'a', units: 1 });
  const twice = await failureOf(accounts.insert({ id: 'a', units: 1 }));
  expect([isUniqueViolation(twice), constraintOf(twice)]).toEqual([true, 'accounts_pkey']);
  const negative = await failureOf(accounts.insert({ id: 'b', units: -1 }));
  expect([isCheckViolation(negative), isUniqueViolation(negative)]).toEqual([true, false]);
  const slow = await failureOf(dataSource.query('SELECT pg_sleep(5)'));
  expect([isStatementTimeout(slow), isConnectionLoss(slow)]).toEqual([true, false]);
  const locked = await failureOf(
    dataSource.transaction(async (first) => {
      await first.query(`SELECT * FROM accounts WHERE id = 'a' FOR UPDATE`);
      await dataSource.query(`SELECT * FROM accounts WHERE id = 'a' FOR UPDATE NOWAIT`);
    }),
  );
  expect(isLockTimeout(locked)).toBe(true);
});

test('sums come back as the exact numbers they are, up to 2^53 − 1 and not beyond', async () => {
  const accounts = (await open()).getRepository(Account);
  await accounts.save({ id: 'big', units: Number.MAX_SAFE_INTEGER });
  expect(await accounts.findOneBy({ id: 'big' })).toEqual({
    id: 'big',
    units: 9_007_199_254_740_991,
  });
  await expect(accounts.save({ id: 'big', units: 2 ** 53 })).rejects.toThrow('2^53');
  await expect(accounts.save({ id: 'big', units: 0.5 })).rejects.toThrow('whole number');
  await accounts.query(`UPDATE accounts SET units = 9007199254740992 WHERE id = 'big'`);
  await expect(accounts.findOneBy({ id: 'big' })).rejects.toThrow('2^53');
  await accounts.delete({ id: 'big' });
});

test('two transactions that lock each other both get done, and once', async () => {
  const dataSource = await open();
  const accounts = dataSource.getRepository(Account);
  await accounts.save([
    { id: 'x', units: 0 },
    { id: 'y', units: 0 },
  ]);
  let met = 0;
  let tries = 0;
  const both = new Promise<void>((resolve) => {
    const add = (ids: readonly [string, string]) =>
      inTransaction(dataSource, async (manager) => {
        tries += 1;
        const sql = 'UPDATE accounts SET units = units + 1 WHERE id = $1';
        await manager.query(sql, [ids[0]]);
        met += 1;
        if (met <= 2) await until(() => met >= 2, { what: 'both to hold their first row' });
        await manager.query(sql, [ids[1]]);
      });
    void Promise.all([add(['x', 'y']), add(['y', 'x'])]).then(() => resolve());
  });
  await both;
  expect(tries).toBe(3);
  expect(await accounts.find({ where: [{ id: 'x' }, { id: 'y' }] })).toEqual([
    { id: 'x', units: 2 },
    { id: 'y', units: 2 },
  ]);
});

test('a transaction that always loses is given up, not tried for ever', async () => {
  const dataSource = await open();
  let tries = 0;
  const always = inTransaction(dataSource, async (manager) => {
    tries += 1;
    await manager.query(`DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '40001'; END $$`);
  });
  await expect(always).rejects.toThrow('lost');
  expect(tries).toBe(5);
});

test('the pool outlives kill -9: who was asking is told, whoever asks next is served', async () => {
  const dataSource = await open();
  await Promise.all(Array.from({ length: 5 }, () => dataSource.query('SELECT pg_sleep(0.05)')));
  const inFlight = failureOf(dataSource.query('SELECT pg_sleep(20)'));
  const inTransit = failureOf(
    inTransaction(dataSource, (manager) => manager.query('SELECT pg_sleep(20)')),
  );
  await until(
    async () => {
      const [row] = await dataSource.query(
        `SELECT count(*)::int AS n FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(20)'`,
      );
      return row.n === 2;
    },
    { what: 'both statements to run' },
  );
  bed.kill('postgres');
  expect(isConnectionLoss(await inFlight)).toBe(true);
  expect(isConnectionLoss(await inTransit)).toBe(true);
  const down = await failureOf(dataSource.query('SELECT 1'));
  if (down !== undefined) expect(isConnectionLoss(down)).toBe(true);
  await bed.serves('postgres');
  await until(() => dataSource.query('SELECT 1'), { what: 'the pool to serve again' });
  expect(troubles).toContain('lost an idle Postgres connection');
});

test('a database that is not up yet is waited for, but not for ever', async () => {
  await bed.stop('postgres');
  const given = await failureOf(open({ waitMs: 300 }));
  expect(isConnectionLoss(given)).toBe(true);
  expect(troubles).toContain('waiting for Postgres');
  const waiting = open();
  await bed.start('postgres');
  expect(await (await waiting).query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
});
