import type { BillingPeriod, BillingRecord } from '@tallyward/contracts';
import { clickHouseClient } from '@tallyward/platform';
import { until, usageEvents } from '@tallyward/testing';
import { Client } from 'pg';
import { START_WITHIN_MS, Stack } from './stack.builder';

const HOUR_MS = 3_600_000;
const CLOSED_WITHIN_MS = 90_000;
/** Held back ones are looked at again after a minute. */
const RELEASED_WITHIN_MS = 150_000;
const AMOUNT = 10;

let stack: Stack;
let clickhouse: ReturnType<typeof clickHouseClient>;
let postgres: Client;
/** Starts of two hours that are over. */
let first: number;
let second: number;

beforeAll(async () => {
  stack = await Stack.start();
  // Two closers at once, in all that follows.
  await stack.bed.spawnService('aggregator', {
    TALLYWARD_ENTITLEMENT_URL: stack.entitlement.url,
  });
  clickhouse = clickHouseClient({ url: stack.bed.clickhouse.loader, application: 'spec' });
  postgres = new Client({ connectionString: stack.bed.postgres.admin });
  await postgres.connect();
  const thisHour = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  first = thisHour - 3 * HOUR_MS;
  second = thisHour - 2 * HOUR_MS;
  await stack.done('/v1/tiers', { method: 'POST', body: PAY });
  await settings({ defaultTier: { name: 'Pay', version: 1 } });
  await stack.send(usageEvents(90, (n) => call(n % 6, `a${n}`, first + n)));
  await stack.send(usageEvents(60, (n) => call(n % 6, `b${n}`, second + n)));
  await stack.folded();
}, START_WITHIN_MS);

afterAll(async () => {
  await postgres?.end();
  await clickhouse?.close();
  await stack?.close();
});

const LIMIT = { scope: 'customer', modelGroup: '*', window: 'lifetime', onLimit: 'allow' };
const PAY = { name: 'Pay', limits: [{ ...LIMIT, unit: 'calls', amount: AMOUNT }] };

const call = (customer: number, id: string, time: number) => ({
  id,
  customer: `c${customer}`,
  time: new Date(time).toISOString(),
});

const settings = (body: object) => stack.done('/v1/settings', { method: 'PUT', body });
const ofHour = (from: number) =>
  `from=${new Date(from).toISOString()}&to=${new Date(from + HOUR_MS).toISOString()}`;

async function records(customer: string, from: number): Promise<BillingRecord[]> {
  const path = `/v1/billing/records?customer=${customer}&${ofHour(from)}`;
  return (await stack.done<{ data: BillingRecord[] }>(path)).data;
}
async function periods(query: string): Promise<BillingPeriod[]> {
  return (await stack.done<{ data: BillingPeriod[] }>(`/v1/billing/periods?${query}`)).data;
}
const calls = (told: readonly BillingRecord[]) =>
  told
    .filter(({ unit }) => unit === 'calls')
    .map(({ revision, quantity, included, overage, delta, overageDelta }) => {
      return { revision, quantity, included, overage, delta, overageDelta };
    });

const damaged = (query: string) =>
  clickhouse.command({ query, clickhouse_settings: { mutations_sync: '2' } });

describe('periods become billing records once they are proven (I5, I8)', () => {
  it('one is held back, and its event named, where a store says otherwise', async () => {
    await damaged("ALTER TABLE usage_events DELETE WHERE event_id = 'a2'");
    await damaged("INSERT INTO usage_events SELECT * FROM usage_events WHERE event_id = 'a3'");
    await postgres.query(
      `UPDATE entitlement.usage_total SET tokens = tokens + 1
       WHERE customer = 'c4' AND quarter < ${second}`,
    );
    await settings({ closing: { every: 'hour', grace: 'PT0S' } });
    await until(async () => (await periods('limit=200')).length === 12, {
      what: 'twelve periods to be closed or held back',
      withinMs: CLOSED_WITHIN_MS,
    });
    const held = await periods('state=held-back');
    expect(
      held.map(({ customer, revision, differences }) => [
        customer,
        revision,
        differences.map(({ kind, side, eventId }) => [kind, side, eventId]),
      ]),
    ).toEqual([
      ['c2', null, [['missing', 'warehouse', 'a2']]],
      ['c3', null, [['doubled', 'warehouse', 'a3']]],
      ['c4', null, [['row', 'totals', undefined]]],
      // Their next hour is proven, but a limit over both hours counted otherwise.
      ['c2', null, []],
      ['c3', null, []],
    ]);
    expect(held.at(-1)?.reason).toMatch(/^The limit on calls .* overage of 15, the log says 16/);
    expect(await records('c2', first)).toEqual([]);
    const metric = async (name: string): Promise<number> => {
      const text = await (await fetch(`${stack.aggregator.url}/metrics`)).text();
      return Number(new RegExp(`^${name}(?:\\{.*\\})? (.*)$`, 'm').exec(text)?.[1]);
    };
    const isShown = async () => (await metric('tallyward_billing_periods_held_back')) === 5;
    await until(isShown, { what: 'five held back in the metrics', withinMs: CLOSED_WITHIN_MS });
    // Two hours and more ago the oldest of them was over.
    const isDue = async () => (await metric('tallyward_billing_oldest_due_seconds')) >= 7_200;
    await until(isDue, { what: 'how long they have been due', withinMs: CLOSED_WITHIN_MS });
    const ready = await fetch(`${stack.aggregator.url}/readyz`);
    expect([ready.status, await ready.json()]).toMatchObject([
      200,
      { details: { closing: { status: 'up', detail: '5 periods are held back' } } },
    ]);
  });

  it('included and overage are split in the order of the log', async () => {
    expect(calls(await records('c0', first))).toEqual([
      { revision: 0, quantity: 15, included: 10, overage: 5, delta: 15, overageDelta: 5 },
    ]);
    expect(calls(await records('c0', second))).toEqual([
      { revision: 0, quantity: 10, included: 0, overage: 10, delta: 10, overageDelta: 10 },
    ]);
    const { data } = await stack.done<{ data: { overage: number }[] }>(
      `/v1/customers/c0/overages?${ofHour(first)}`,
    );
    expect(data.map(({ overage }) => overage)).toEqual([15]);
  });

  it('late usage is a revision: what was told stays as it was', async () => {
    const before = await records('c1', first);
    await stack.send(usageEvents(1, () => call(1, 'late', first + 500)));
    await until(async () => (await records('c1', first)).length > before.length, {
      what: 'a revision',
      withinMs: CLOSED_WITHIN_MS,
    });
    const after = await records('c1', first);
    expect(after.slice(0, before.length)).toEqual(before);
    expect(calls(after)).toEqual([
      { revision: 0, quantity: 15, included: 10, overage: 5, delta: 15, overageDelta: 5 },
      { revision: 1, quantity: 16, included: 10, overage: 6, delta: 1, overageDelta: 1 },
    ]);
    expect(calls(await records('c1', second))).toHaveLength(1);
  });

  it(
    'what was held back goes out once its store is mended',
    async () => {
      await postgres.query(
        `UPDATE entitlement.usage_total SET tokens = tokens - 1
         WHERE customer = 'c4' AND quarter < ${second}`,
      );
      await until(async () => (await records('c4', first)).length > 0, {
        what: 'the mended period to be told',
        withinMs: RELEASED_WITHIN_MS,
      });
      expect((await periods('state=held-back')).map(({ customer }) => customer)).toEqual([
        'c2',
        'c3',
        'c2',
        'c3',
      ]);
    },
    RELEASED_WITHIN_MS,
  );
});
