import type { BillingRecord, CountedEvent } from '@tallyward/contracts';
import { clickHouseClient } from '@tallyward/platform';
import { until, usageEvents } from '@tallyward/testing';
import fc from 'fast-check';
import { REBUILD_TOTALS, REBUILD_WAREHOUSE, runScript } from './script.builder';
import { START_WITHIN_MS, Stack, type Answer } from './stack.builder';

const HOUR_MS = 3_600_000;
const CLOSED_WITHIN_MS = 90_000;
const REBUILT_WITHIN_MS = 120_000;
const SOURCE = 'app';
/** Of the drawn sequence. */
const SEED = 20_261_123;
const REBUILDS = [
  [REBUILD_TOTALS, '--json'],
  [REBUILD_WAREHOUSE, 'warehouse', '--json'],
] as const;
const IDS = 40;
const STEPS = 160;

let stack: Stack;
let reader: ReturnType<typeof clickHouseClient>;
/** The start of an hour that is over, so that it can be closed. */
let hour: number;

beforeAll(async () => {
  stack = await Stack.start({ gateways: 2 });
  reader = clickHouseClient({ url: stack.bed.clickhouse.reader, application: 'spec' });
  hour = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 2 * HOUR_MS;
  await stack.done('/v1/models/gpt-4o', { method: 'PUT', body: { group: 'standard' } });
  await stack.done('/v1/tiers', { method: 'POST', body: TIER });
  await stack.done('/v1/settings', {
    method: 'PUT',
    body: { defaultTier: { name: 'Ten', version: 1 } },
  });
}, START_WITHIN_MS);

afterAll(async () => {
  await reader?.close();
  await stack?.close();
});

const LIMIT = { scope: 'customer', modelGroup: '*', window: 'lifetime' };
const TIER = {
  name: 'Ten',
  limits: [{ ...LIMIT, unit: 'calls', amount: 10, onLimit: 'block' }],
};

const send = (customer: string, id: string, more: object = {}) =>
  stack.send(
    usageEvents(1, () => {
      return { id, source: SOURCE, customer, time: new Date(hour + 60_000).toISOString(), ...more };
    }),
  );

const voided = (subject: string, id: string, more: object = {}): Promise<Answer> =>
  stack.ask('/v1/events/void', {
    method: 'POST',
    body: { subject, source: SOURCE, id, reason: 'test run', ...more },
  });

const range = (): string =>
  `from=${new Date(hour).toISOString()}&to=${new Date(hour + HOUR_MS).toISOString()}`;

/** What each way of asking says of a customer's calls in the hour. */
async function callsOf(customer: string): Promise<Record<string, number>> {
  await stack.folded();
  const report = await stack.done<{ data: { calls: number }[] }>(
    `/v1/customers/${customer}/usage?${range()}&window=hour`,
  );
  const trail = await stack.done<{ data: CountedEvent[] }>(
    `/v1/customers/${customer}/events?limit=200`,
  );
  const limits = await stack.done<{ limits: { used: number }[] }>(
    `/v1/customers/${customer}/entitlements`,
  );
  const lines = (
    await stack.ask(`/v1/exports/events?${range()}&customer=${customer}`, {
      headers: { accept: 'text/csv' },
    })
  ).text;
  return {
    report: report.data.reduce((sum, { calls }) => sum + calls, 0),
    trail: trail.data.reduce((sum, { counted }) => sum + counted.calls, 0),
    limit: limits.limits[0]?.used ?? 0,
    exported: lines.split('\n').filter((line) => line !== '').length - 1,
    events: await counted('usage_events_v1', 'count()', customer),
    hours: await counted('usage_per_hour_v1', 'sum(calls)', customer),
    minutes: await counted('usage_per_minute_v1', 'sum(calls)', customer),
  };
}

const everywhere = (calls: number) => ({
  ...{ report: calls, trail: calls, limit: calls, exported: calls },
  ...{ events: calls, hours: calls, minutes: calls },
});

async function counted(view: string, what: string, customer: string): Promise<number> {
  const answer = await reader.query({
    query: `SELECT toString(${what}) AS calls FROM ${view} WHERE customer = {customer: String}`,
    query_params: { customer },
    format: 'JSONEachRow',
  });
  const [row] = await answer.json<{ calls: string }>();
  return Number(row?.calls);
}

const decide = (customer: string) =>
  stack.done<{ outcome: string; reason?: string }>('/v1/decisions', {
    method: 'POST',
    body: { customer, model: 'gpt-4o', estimate: { inputTokens: 1, maxOutputTokens: 1 } },
  });

describe('an event that is voided does not count, anywhere', () => {
  it('after the event: once, however often, and sent again it stays voided', async () => {
    for (const id of ['a', 'b', 'c']) await send('after', id);
    expect(await callsOf('after')).toEqual(everywhere(3));
    expect((await voided('after', 'b')).status).toBe(202);
    expect((await voided('after', 'b', { reason: 'again' })).body).toEqual({ accepted: 1 });
    await send('after', 'b');
    expect(await callsOf('after')).toEqual(everywhere(2));
    const { data } = await stack.done<{ data: CountedEvent[] }>(
      `/v1/events/${SOURCE}/b?customer=after`,
    );
    expect(data).toMatchObject([
      { id: 'b', counted: { calls: 0, tokens: 0 }, voided: { reason: 'test run', by: 'operator' } },
    ]);
  });

  it('before the event: it is there, and counts for nothing', async () => {
    await voided('before', 'x');
    await send('before', 'x');
    await send('before', 'x');
    await send('before', 'y');
    expect(await callsOf('before')).toEqual(everywhere(1));
    const { data } = await stack.done<{ data: CountedEvent[] }>(
      `/v1/events/${SOURCE}/x?customer=before`,
    );
    expect(data).toMatchObject([{ counted: { calls: 0 }, voided: { reason: 'test run' } }]);
  });

  it('what it gives back of a limit can be used', async () => {
    await stack.send(
      usageEvents(10, (n) => ({ id: `l${n}`, source: SOURCE, customer: 'limited' })),
    );
    await stack.folded();
    expect(await decide('limited')).toMatchObject({ outcome: 'block', reason: 'used-up' });
    await voided('limited', 'l3');
    await until(async () => (await decide('limited')).outcome === 'allow', {
      what: 'the next call to be allowed',
      withinMs: 10_000,
    });
    expect(await decide('limited')).toMatchObject({ outcome: 'throttle' });
  });

  it('any sequence of events and voids, in any order and batches, comes to the same everywhere', async () => {
    const step = fc.record({
      id: fc.integer({ min: 0, max: IDS - 1 }),
      isVoid: fc.boolean(),
      gateway: fc.integer({ min: 0, max: 1 }),
    });
    const drawn = fc.sample(fc.array(step, { minLength: STEPS, maxLength: STEPS }), {
      numRuns: 1,
      seed: SEED,
    });
    const steps = drawn[0] ?? [];
    for (let at = 0; at < steps.length; at += 20) {
      await Promise.all(
        steps.slice(at, at + 20).map(({ id, isVoid }) => {
          return isVoid ? voided('many', `m${id}`) : send('many', `m${id}`);
        }),
      );
    }
    const sent = new Set(steps.flatMap(({ id, isVoid }) => (isVoid ? [] : [id])));
    const gone = new Set(steps.flatMap(({ id, isVoid }) => (isVoid ? [id] : [])));
    const left = [...sent].filter((id) => !gone.has(id)).length;
    expect(left).toBeGreaterThan(0);
    expect(await callsOf('many')).toEqual(everywhere(left));
  });

  it(
    'log, totals and warehouse agree on it, also once they are folded anew',
    async () => {
      const compared = await stack.reconcile('--json');
      expect(JSON.parse(compared.stdout)).toMatchObject({ equal: true, differences: [] });
      for (const [script, ...args] of REBUILDS) {
        const { code, stdout, stderr } = await runScript(stack.bed, script, args);
        if (stdout === '') throw new Error(stderr);
        expect([script, code, JSON.parse(stdout)]).toMatchObject([script, 0, { equal: true }]);
      }
      expect(await callsOf('after')).toEqual(everywhere(2));
      expect(await callsOf('before')).toEqual(everywhere(1));
      expect((await stack.reconcile('--json')).code).toBe(0);
    },
    REBUILT_WITHIN_MS,
  );
});

describe('who asks for what can not be is told', () => {
  it.each([
    ['no reason', { subject: 'after', source: SOURCE, id: 'a' }, 422, 'invalid'],
    ['an empty one', { subject: 'after', source: SOURCE, id: 'a', reason: '' }, 422, 'invalid'],
    ['a field too many', { subject: 'a', source: 's', id: 'a', reason: 'r', x: 1 }, 422, 'invalid'],
    ['no object', '[]', 422, 'invalid'],
    ['no JSON', '{', 400, 'bad-request'],
  ])('%s', async (_, body, status, code) => {
    const answer = await stack.ask('/v1/events/void', { method: 'POST', body });
    expect([answer.status, answer.body['code']]).toEqual([status, code]);
  });

  it('a key that may only send', async () => {
    const { key } = await stack.done<{ key: string }>('/v1/keys', {
      method: 'POST',
      body: { name: 'app', scopes: ['ingest'] },
    });
    const body = { subject: 'after', source: SOURCE, id: 'a', reason: 'r' };
    expect((await stack.ask('/v1/events/void', { method: 'POST', body, key })).status).toBe(403);
  });
});

describe('after the close (I8)', () => {
  it(
    'a void is a revision: what was told stays as it was',
    async () => {
      const records = async (): Promise<BillingRecord[]> => {
        const path = `/v1/billing/records?customer=after&${range()}&limit=200`;
        return (await stack.done<{ data: BillingRecord[] }>(path)).data;
      };
      const closing = { every: 'hour', grace: 'PT0S' };
      await stack.done('/v1/settings', { method: 'PUT', body: { closing } });
      await until(async () => (await records()).length > 0, {
        what: 'the hour to be closed',
        withinMs: CLOSED_WITHIN_MS,
      });
      const before = await records();
      await voided('after', 'c');
      await until(async () => (await records()).length > before.length, {
        what: 'a revision',
        withinMs: CLOSED_WITHIN_MS,
      });
      const after = await records();
      expect(after.slice(0, before.length)).toEqual(before);
      const calls = after.filter(({ unit }) => unit === 'calls');
      expect(calls.map(({ revision, quantity, delta }) => [revision, quantity, delta])).toEqual([
        [0, 2, 2],
        [1, 1, -1],
      ]);
      await voided('after', 'a');
      await until(async () => (await records()).length > after.length, {
        what: 'a revision of nothing',
        withinMs: CLOSED_WITHIN_MS,
      });
      const last = (await records()).filter(({ unit }) => unit === 'calls').at(-1);
      expect([last?.revision, last?.quantity, last?.delta]).toEqual([2, 0, -1]);
    },
    CLOSED_WITHIN_MS,
  );
});
