import { type QuotaAsk, type QuotaGrant, quotaGrant, TOPICS } from '@tallyward/contracts';
import { partitionKey } from '@tallyward/domain';
import type { Appender } from '@tallyward/platform';
import { testbed, type Testbed, Trap, until } from '@tallyward/testing';
import { join } from 'node:path';
import { OPERATOR_KEY } from '../entitlement.builder';
import { AsksWorld, nameOf, type Told, tierLimit } from './asks.builder';

/** A death elsewhere in the transaction is undone in the same way: `npm run chaos` has them all. */
const POINTS = [
  ...['leases.after-returned', 'leases.after-leased', 'leases.after-answers'],
  ...['leases.after-commit', 'leases.after-reclaim'],
];
const DEADLINE_MS = 60_000;
const CALLS = tierLimit({ amount: 1_000_000 });
const FIRST = tierLimit({ unit: 'tokens', window: { firstUse: 'PT5H' }, amount: 1_000_000 });
const { quotaAsks: asks, quotaGrants: grants } = TOPICS;
jest.setTimeout(600_000);

let bed: Testbed;
let world: AsksWorld;
let appender: Appender;
let project: string;

beforeAll(async () => {
  bed = await testbed();
  world = await AsksWorld.open(bed);
  appender = world.log.appender({ partitions: { [asks.name]: asks.partitions } });
  project = await world.project([CALLS, FIRST]);
});
afterAll(async () => {
  await world?.close();
  await bed?.close();
});

const spawned = (more: Record<string, string> = {}) =>
  bed.spawnService('entitlement', { TALLYWARD_OPERATOR_KEY: OPERATOR_KEY, ...more });

async function say(said: readonly QuotaAsk[]): Promise<void> {
  const entries = said.map((one) => ({
    key: partitionKey(one.project, one.customer),
    value: JSON.stringify(one),
  }));
  const outcomes = await appender.append(asks.name, entries);
  expect(outcomes.filter(({ kind }) => kind !== 'acked')).toEqual([]);
}

/** An ask of each of a few customers that nobody has met. */
function asksOf(round: string) {
  return [0, 1, 2].map((n) => {
    const customer = `${round}-${n}`;
    const wants = [CALLS, FIRST].map((limit) => {
      return { limit: nameOf(limit, customer), need: 1 + n, want: 10 };
    });
    return world.ask(project, wants, { customer, ask: `g1.x-${round}-${n}` });
  });
}

async function told(): Promise<QuotaGrant[]> {
  const read: QuotaGrant[] = [];
  const ends = await world.log.admin.endOffsets(grants.name);
  for (const [partition, to] of ends) {
    const onEntries = (entries: readonly { value: Buffer | null }[]): void => {
      for (const { value } of entries) read.push(quotaGrant.parse(JSON.parse(String(value))));
    };
    await world.log.readRange({ topic: grants.name, partition, from: 0n, to, onEntries });
  }
  return read;
}

const grantsTold = async () =>
  (await told()).filter((one): one is Told<'lease.granted'> => one.type === 'lease.granted');

async function answered(ids: readonly string[]): Promise<void> {
  const isThere = async (): Promise<boolean> => {
    const found = new Set((await grantsTold()).map(({ ask }) => ask));
    return ids.every((id) => found.has(id));
  };
  await until(isThere, { what: 'asks to be answered', withinMs: DEADLINE_MS });
}

/** The newest that is open, as if its time had passed an hour ago. */
async function endLease(): Promise<void> {
  await world.dataSource.query(
    `UPDATE entitlement.lease SET issued_at = issued_at - 7200000,
       spend_until = spend_until - 7200000, settle_until = settle_until - 7200000
     WHERE id = (SELECT max(id) FROM entitlement.lease WHERE open AND project = $1)`,
    [project],
  );
}

describe('kill -9', () => {
  it('between any two effects grants every ask once, and loses no unit', async () => {
    const said: QuotaAsk[] = asksOf('before');
    const first = await spawned();
    await say(said);
    await answered(['g1.x-before-0']);
    const before = (await grantsTold()).find(({ ask }) => ask === 'g1.x-before-0');
    const lease = before?.leases[0]?.id ?? '';
    await first.stop();
    const trap = new Trap(join(bed.directory, 'lease-trap'));
    for (const [n, point] of POINTS.entries()) {
      trap.set([point]);
      await endLease();
      await spawned(trap.environment());
      const own = asksOf(`round${n}`);
      const [{ customer }] = said as [QuotaAsk];
      const returned = { type: 'lease.returned' as const, project, customer, gateway: 'g1.x' };
      await say([...own, { ...returned, leases: [{ lease, total: 1 + (n % 9) }] }]);
      said.push(...own);
      await trap.sprung(1);
      expect(trap.deaths()).toEqual([point]);
    }
    await spawned();
    await say(said);
    const ids = said.flatMap((one) => ('ask' in one ? [one.ask] : []));
    await answered(ids);
    const byAsk = new Map<string, Set<string>>();
    for (const { ask, leases } of await grantsTold()) {
      const numbers = leases.map(({ id }) => id).join();
      byAsk.set(ask, (byAsk.get(ask) ?? new Set()).add(numbers));
    }
    expect([...byAsk].filter(([, answers]) => answers.size !== 1)).toEqual([]);
    expect(await world.leases(project)).toHaveLength(2 * ids.length);
    const wrong = await world.dataSource.query(
      `SELECT c.name, c.leased, o.out FROM entitlement.counter c
       LEFT JOIN LATERAL (
         SELECT coalesce(sum(l.granted - l.returned - l.settled), 0) AS out
         FROM entitlement.lease l WHERE l.open AND l.project = c.project
           AND l.customer = c.customer AND l.name = c.name AND l.window_start = c.window_start) o
         ON true
       WHERE c.project = $1 AND c.leased <> o.out`,
      [project],
    );
    expect(wrong).toEqual([]);
  });
});
