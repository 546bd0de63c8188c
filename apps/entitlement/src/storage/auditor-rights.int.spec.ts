import { testbed, type Testbed } from '@tallyward/testing';
import { DataSource } from 'typeorm';
import { AuditorReadsWhatCloses1795710000000 } from './auditor-closes.migration';
import { openStorage } from './data-source';

/** Columns by table: all that closing a period asks of the catalogue; of other tables nothing. */
const READ_FOR_CLOSING = {
  project: ['project', 'settings'],
  customer: ['billing_anchor', 'customer', 'first_seen', 'project', 'time_zone'],
} as const;
const WHOLE_FOR_CLOSING = ['log_progress', 'tier_assignment', 'tier_version', 'usage_total'];
const NEVER = [
  ...['api_key', 'model_group', 'model', 'audit_fact', 'idempotent_request', 'outbox'],
  ...['quarantine', 'project', 'customer'],
];

let bed: Testbed;
let auditor: DataSource;

beforeAll(async () => {
  bed = await testbed();
  await (await openStorage(bed.postgres.entitlement, 'spec', () => undefined)).destroy();
  auditor = await as('auditor');
});

afterAll(async () => {
  await auditor?.destroy();
  await bed?.close();
});

const as = (role: keyof Testbed['postgres']): Promise<DataSource> =>
  new DataSource({ type: 'postgres', url: bed.postgres[role] }).initialize();

describe('the auditor', () => {
  it.each(Object.entries(READ_FOR_CLOSING))(
    'reads of %s the columns that closing needs, and no other',
    async (table, columns) => {
      await auditor.query(`SELECT ${columns.join(', ')} FROM entitlement.${table}`);
      const readable = await auditor.query<{ name: string }[]>(
        `SELECT attname AS name FROM pg_attribute
         WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped
           AND has_column_privilege(attrelid, attnum, 'SELECT') ORDER BY attname`,
        [`entitlement.${table}`],
      );
      expect(readable.map(({ name }) => name)).toEqual(columns);
    },
  );

  it.each(WHOLE_FOR_CLOSING)('reads %s', async (table) => {
    await auditor.query(`SELECT * FROM entitlement.${table}`);
  });

  it.each(NEVER)('does not read all of %s', async (table) => {
    const reading = auditor.query(`SELECT * FROM entitlement.${table}`);
    await expect(reading).rejects.toMatchObject({ code: '42501' });
  });

  it.each(['project', 'customer', 'tier_assignment', 'tier_version'])(
    'writes nothing in %s, also where it asks for a transaction that may',
    async (table) => {
      for (const right of ['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) {
        const [answer] = await auditor.query<{ may: boolean }[]>(
          'SELECT has_table_privilege($1, $2) AS may',
          [`entitlement.${table}`, right],
        );
        expect([right, answer?.may]).toEqual([right, false]);
      }
      const writing = auditor.transaction(async (manager) => {
        await manager.query('SET TRANSACTION READ WRITE');
        await manager.query(`DELETE FROM entitlement.${table}`);
      });
      await expect(writing).rejects.toMatchObject({ code: '42501' });
    },
  );
});

it('a database without the role auditor is migrated all the same', async () => {
  const admin = await as('admin');
  const runner = admin.createQueryRunner();
  try {
    // Roles are the whole cluster's: it is gone within a transaction that is never committed.
    await runner.startTransaction();
    await runner.query('SET LOCAL search_path = entitlement');
    await runner.query('ALTER ROLE auditor RENAME TO nobody_here');
    const before = await rights(runner);
    await new AuditorReadsWhatCloses1795710000000().up(runner);
    expect(await rights(runner)).toEqual(before);
  } finally {
    await runner.rollbackTransaction();
    await runner.release();
    await admin.destroy();
  }
});

const rights = (runner: Pick<DataSource, 'query'>): Promise<unknown> =>
  runner.query(
    `SELECT relname, relacl::text, array(SELECT attacl::text FROM pg_attribute
       WHERE attrelid = c.oid AND attacl IS NOT NULL ORDER BY attnum) AS columns
     FROM pg_class c WHERE relnamespace = 'entitlement'::regnamespace ORDER BY relname`,
  );
