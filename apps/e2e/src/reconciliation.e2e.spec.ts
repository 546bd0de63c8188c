import type {
  DriftedHour,
  NamedDifferences,
  ReconciledPeriod,
  ReconciledSide,
} from '@tallyward/contracts';
import { clickHouseClient } from '@tallyward/platform';
import { until, usageEvents } from '@tallyward/testing';
import { Client } from 'pg';
import { START_WITHIN_MS, Stack } from './stack.builder';

const HOUR_MS = 3_600_000;
const CLOSED_WITHIN_MS = 90_000;
const CUSTOMERS = ['c0', 'c1', 'c2', 'c3', 'c4', 'c5'];

let stack: Stack;
let clickhouse: ReturnType<typeof clickHouseClient>;
let postgres: Client;
/** Start of an hour that is over, and of this one. */
let over: number;
let open: number;

beforeAll(async () => {
  stack = await Stack.start({ own: ['clickhouse'] });
  clickhouse = clickHouseClient({ url: stack.bed.clickhouse.loader, application: 'spec' });
  postgres = new Client({ connectionString: stack.bed.postgres.admin });
  await postgres.connect();
  open = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  over = open - 2 * HOUR_MS;
  await stack.send(usageEvents(60, (n) => call(n, `a${n}`, over + n)));
  await stack.send(usageEvents(60, (n) => call(n, `b${n}`, open + n)));
  await stack.folded();
  await stack.done('/v1/settings', {
    method: 'PUT',
    body: { closing: { every: 'hour', grace: 'PT0S' } },
  });
  await until(async () => (await periods('limit=200')).filter(isClosed).length === 6, {
    what: 'six periods to be closed',
    withinMs: CLOSED_WITHIN_MS,
  });
}, START_WITHIN_MS + CLOSED_WITHIN_MS);

afterAll(async () => {
  await postgres?.end();
  await clickhouse?.close();
  await stack?.close();
});

const call = (n: number, id: string, time: number) => ({
  id,
  customer: `c${n % CUSTOMERS.length}`,
  time: new Date(Math.min(time, Date.now())).toISOString(),
});
const isClosed = ({ state }: ReconciledPeriod): boolean => state === 'closed';
const ofHour = (from: number) =>
  `from=${new Date(from).toISOString()}&to=${new Date(from + HOUR_MS).toISOString()}`;

interface Page<T> {
  readonly data: T[];
  readonly nextCursor: string | null;
}
async function periods(query: string): Promise<ReconciledPeriod[]> {
  return (await stack.done<Page<ReconciledPeriod>>(`/v1/reconciliation?${query}`)).data;
}
async function only(customer: string, from: number): Promise<ReconciledPeriod> {
  const found = await periods(`customer=${customer}&${ofHour(from)}`);
  if (found.length !== 1 || !found[0]) throw new Error(`${found.length} periods of ${customer}`);
  return found[0];
}
const differences = (customer: string, from: number) =>
  stack.done<NamedDifferences>(
    `/v1/reconciliation/differences?customer=${customer}&${ofHour(from)}`,
  );
const warehouse = (query: string) =>
  clickhouse.command({ query, clickhouse_settings: { mutations_sync: '2' } });
const counts = (sides: readonly (ReconciledSide | null)[]) => sides.map((side) => side?.calls);

describe('the four sides beside each other (I5)', () => {
  it('are equal for closed and open periods, and what was billed is what the log says', async () => {
    const found = await periods('limit=200');
    expect(found.map(({ customer, state }) => `${customer} ${state}`)).toEqual(
      CUSTOMERS.flatMap((customer) => [`${customer} closed`, `${customer} open`]),
    );
    for (const one of found) {
      expect([one.log, one.totals, one.warehouse]).toEqual([one.log, one.log, one.log]);
      expect(one.billed).toEqual(isClosed(one) ? one.log : null);
      expect([one.log.events, one.equal, one.unbilled]).toEqual([10, true, !isClosed(one)]);
      expect(new Set(Object.values(one.drift))).toEqual(new Set([0]));
    }
  });

  it('come in pages that leave out nothing and repeat nothing', async () => {
    const all = (await periods('limit=200')).map(({ customer, period }) => [customer, period.from]);
    const paged: unknown[] = [];
    let cursor: string | null = '';
    for (let page = 0; cursor !== null && page < 20; page += 1) {
      const more: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const path = `/v1/reconciliation?limit=5${more}`;
      const next: Page<ReconciledPeriod> = await stack.done(path);
      expect(next.data.length).toBeLessThanOrEqual(5);
      paged.push(...next.data.map(({ customer, period }) => [customer, period.from]));
      cursor = next.nextCursor;
    }
    expect(paged).toEqual(all);
  });

  it('are those of the caller’s own project alone', async () => {
    const { key } = await stack.done<{ key: string }>('/v1/projects', {
      method: 'POST',
      body: { name: 'another' },
    });
    const answer = await stack.ask<Page<ReconciledPeriod>>('/v1/reconciliation', { key });
    expect([answer.status, answer.body.data]).toEqual([200, []]);
    const named = await stack.ask<NamedDifferences>(
      `/v1/reconciliation/differences?customer=c0&${ofHour(over)}`,
      { key },
    );
    expect(named.body.data).toEqual([]);
  });

  it('say as of where they stand while a customer is used all the time', async () => {
    let sent = 0;
    const stop = new AbortController();
    const sending = (async () => {
      while (!stop.signal.aborted) {
        sent += 1;
        await stack.send(usageEvents(1, () => call(0, `busy${sent}`, open + 500 + sent)));
      }
    })();
    for (let look = 0; look < 5; look += 1) {
      expect(await only('c0', open)).toMatchObject({ equal: true, unbilled: true });
    }
    stop.abort();
    await sending;
    await stack.folded();
    expect((await only('c0', open)).log.events).toBe(10 + sent);
  });

  it('name what one of them has otherwise, down to the event', async () => {
    await warehouse("ALTER TABLE usage_events DELETE WHERE event_id = 'b1'");
    await warehouse("INSERT INTO usage_events SELECT * FROM usage_events WHERE event_id = 'a2'");
    await postgres.query(
      `UPDATE entitlement.usage_total SET tokens = tokens + 7
       WHERE customer = 'c3' AND quarter < ${over + HOUR_MS}`,
    );
    const [missing, doubled, changed] = [
      await only('c1', open),
      await only('c2', over),
      await only('c3', over),
    ];
    expect(counts([missing.log, missing.totals, missing.warehouse])).toEqual([10, 10, 9]);
    expect(counts([doubled.log, doubled.warehouse, doubled.billed])).toEqual([10, 11, 10]);
    expect([missing.equal, doubled.equal, changed.equal]).toEqual([false, false, false]);
    expect([missing.drift.calls, changed.drift.calls, changed.drift.tokens]).toEqual([1, 0, 7]);
    expect((await only('c4', over)).equal).toBe(true);
    expect((await differences('c1', open)).data).toMatchObject([
      { kind: 'missing', side: 'warehouse', eventId: 'b1' },
    ]);
    expect((await differences('c2', over)).data).toMatchObject([
      { kind: 'doubled', side: 'warehouse', eventId: 'a2' },
    ]);
    expect((await differences('c3', over)).data).toMatchObject([{ kind: 'row', side: 'totals' }]);
    expect(await differences('c4', over)).toMatchObject({ data: [], unlisted: 0 });
  });

  it('show what was moved to somebody of whom nothing else is known', async () => {
    await warehouse(
      "INSERT INTO usage_events SELECT * REPLACE ('nobody' AS customer) FROM usage_events WHERE event_id = 'b4'",
    );
    const stranger = await only('nobody', open);
    expect(stranger).toMatchObject({ state: 'open', equal: false, log: { events: 0 } });
    expect(stranger.warehouse.events).toBe(1);
  });

  it('show a record that was changed: what was billed is not what the log says', async () => {
    await postgres.query('ALTER TABLE aggregator.billing_record DISABLE TRIGGER USER');
    await postgres.query(
      `UPDATE aggregator.billing_record SET value = replace(value, '"delta":10,', '"delta":11,')
       WHERE customer = 'c5' AND unit = 'calls'`,
    );
    await postgres.query('ALTER TABLE aggregator.billing_record ENABLE TRIGGER USER');
    const found = await only('c5', over);
    expect(found).toMatchObject({ state: 'closed', equal: false, unbilled: false });
    expect([found.log.calls, found.billed?.calls, found.drift.calls]).toEqual([10, 11, 1]);
  });

  it('leave behind how far they were apart, hour by hour', async () => {
    // One that starts looks at once.
    await stack.bed.spawnService('aggregator', {
      TALLYWARD_ENTITLEMENT_URL: stack.entitlement.url,
    });
    const hours = async () =>
      (await stack.done<Page<DriftedHour>>('/v1/reconciliation/drift')).data;
    await until(async () => (await hours()).some(({ unequal }) => unequal > 0), {
      what: 'a look that finds them apart',
      withinMs: CLOSED_WITHIN_MS,
    });
    const last = (await hours()).at(-1);
    expect(last?.customers).toBeGreaterThanOrEqual(6);
    expect(last?.drift.calls).toBe(1);
    expect(last?.unequal).toBeGreaterThanOrEqual(2);
  });

  it('are not compared while a fold is behind, or a store away: it says so', async () => {
    process.kill(stack.entitlement.pid, 'SIGSTOP');
    try {
      await stack.send(usageEvents(1, () => call(0, 'late', open + 900)));
      const behind = await stack.ask('/v1/reconciliation');
      expect([behind.status, behind.body['code']]).toEqual([503, 'folds-behind']);
    } finally {
      process.kill(stack.entitlement.pid, 'SIGCONT');
    }
    await stack.folded();
    await stack.bed.kill('clickhouse');
    const away = await stack.ask('/v1/reconciliation');
    expect([away.status, away.body['code']]).toEqual([503, 'service-unavailable']);
  });
});
