import { testbed, type Testbed, until } from '@tallyward/testing';
import { DataSource } from 'typeorm';
import { AuditedTotals } from './audited-totals';

const TOPIC = 'usage.events.v1';
/** What Postgres grants a session that is idle within a transaction, here. */
const IDLE_MS = 400;
let bed: Testbed;
let owner: DataSource;

beforeAll(async () => {
  bed = await testbed();
  const url = bed.postgres.entitlement;
  owner = await new DataSource({ type: 'postgres', url, entities: [] }).initialize();
  await owner.query(
    `CREATE TABLE entitlement.log_progress (topic text, partition integer, next_offset bigint);
     CREATE TABLE entitlement.usage_total (partition integer);
     INSERT INTO entitlement.log_progress VALUES ('${TOPIC}', 3, 7)`,
  );
});
afterAll(async () => {
  await owner?.destroy();
  await bed?.close();
});

/** Looks, lets a time pass in which a reader asks for nothing, and looks again. */
async function readAfterSilence(aliveEveryMs: number) {
  const url = new URL(bed.postgres.auditor);
  url.searchParams.set('options', `-c idle_in_transaction_session_timeout=${IDLE_MS}`);
  const totals = await AuditedTotals.open(String(url), { aliveEveryMs });
  const opened = performance.now();
  try {
    const first = await totals.offsets(TOPIC);
    await owner.query('UPDATE entitlement.log_progress SET next_offset = next_offset + 1');
    await until(() => performance.now() - opened > 3 * IDLE_MS, { what: 'a long partition' });
    return { first, then: await totals.offsets(TOPIC) };
  } finally {
    await totals.close();
  }
}

describe('a snapshot of the totals, while a long partition is read elsewhere', () => {
  it('stays as it was for as long as its reader is alive', async () => {
    const { first, then } = await readAfterSilence(IDLE_MS / 4);
    expect(then).toEqual(first);
  });

  it('is ended by Postgres where the reader says nothing', async () => {
    await expect(readAfterSilence(60_000)).rejects.toThrow();
  });
});

describe('a snapshot that is shared', () => {
  it('shows the same to a session that was opened after what changed', async () => {
    const first = await AuditedTotals.open(bed.postgres.auditor);
    const before = await first.offsets(TOPIC);
    const shared = await first.share();
    await owner.query('UPDATE entitlement.log_progress SET next_offset = next_offset + 1');
    const second = await AuditedTotals.open(bed.postgres.auditor, { shared });
    try {
      expect(await second.offsets(TOPIC)).toEqual(before);
    } finally {
      await Promise.all([first.close(), second.close()]);
    }
  });

  it('is refused by another name than Postgres gives', async () => {
    const opening = AuditedTotals.open(bed.postgres.auditor, { shared: "1'; SELECT 1; --" });
    await expect(opening).rejects.toThrow('No name of a snapshot');
  });
});
