import type { BillingRecord, Overage } from '@tallyward/contracts';
import { usageEvents, until, type Given } from '@tallyward/testing';
import { START_WITHIN_MS, Stack } from './stack.builder';
import { movedTiers } from './storage/moved-tiers';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const CLOSED_WITHIN_MS = 120_000;
/** Tokens of one call: a limit in tokens is passed in the middle of one. */
const CALL = { inputTokens: 30, outputTokens: 7 };
const TOKENS = 37;
const NOON = 12;
/** So much of an hour lies before a change in it and after it, at least. */
const EDGE_MS = 1_000;

let stack: Stack;
let key: string;
let project: string;
/** The day before this one, in the project's zone: it is over. */
let yesterday: number;

/**
 * A zone in which it is about noon: a day's usage lies before and after the change, and the next
 * hour is of the same day.
 */
function zoneAtNoon(now: number): { readonly timeZone: string; readonly midnight: number } {
  const ahead = NOON - new Date(now).getUTCHours();
  const timeZone = ahead === 0 ? 'UTC' : `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`;
  const midnight = Math.floor((now + ahead * HOUR_MS) / DAY_MS) * DAY_MS - ahead * HOUR_MS;
  return { timeZone, midnight };
}

const allow = (unit: string, window: string, amount: number) => ({
  ...{ scope: 'customer', modelGroup: '*', onLimit: 'allow' },
  ...{ unit, window, amount },
});
const TIERS = [
  { name: 'Hourly', limits: [allow('calls', 'hour', 10), allow('tokens', 'hour', 500)] },
  { name: 'Basic', limits: [allow('calls', 'hour', 10), allow('tokens', 'day', 500)] },
  { name: 'Pro', limits: [allow('calls', 'hour', 15), allow('tokens', 'day', 800)] },
];

const put = (path: string, body: object) => stack.done(path, { method: 'PUT', key, body });
const given = (customer: string, tier: string, effective: 'now' | 'nextWindow') =>
  put(`/v1/customers/${customer}/tier`, { name: tier, version: 1, effective, reason: 'spec' });

beforeAll(async () => {
  stack = await Stack.start();
  const made = { method: 'POST', body: { name: 'tiers' } };
  ({ key, project } = await stack.done<Record<'key' | 'project', string>>('/v1/projects', made));
  await until(async () => (await stack.ask('/v1/settings', { key })).status === 200, {
    what: 'the new key to be known',
  });
  const { timeZone, midnight } = zoneAtNoon(Date.now());
  yesterday = midnight - DAY_MS;
  for (const body of TIERS) await stack.done('/v1/tiers', { method: 'POST', key, body });
  await put('/v1/settings', { timeZone, defaultTier: { name: 'Basic', version: 1 } });
}, START_WITHIN_MS);

afterAll(() => stack?.close());

/** A customer whose tier changed yesterday, at the instant that is answered. */
async function changed(
  customer: string,
  first: string,
  effective: 'now' | 'nextWindow',
): Promise<number> {
  const isWithin = (): boolean => {
    const into = Date.now() % HOUR_MS;
    return into > EDGE_MS && into < HOUR_MS - EDGE_MS;
  };
  await until(isWithin, { what: 'an instant that is not at the edge of an hour' });
  await given(customer, first, 'now');
  await given(customer, 'Pro', effective);
  return movedTiers(stack.bed.postgres.admin, project, customer, DAY_MS);
}

/** `times`: one call each, in the order of the log. */
async function use(customer: string, times: readonly number[]): Promise<void> {
  const call = (n: number): Given => ({ customer, model: 'm', time: times[n] ?? 0, ...CALL });
  const answer = await stack.send(usageEvents(times.length, call), { key });
  expect(answer.status).toBe(202);
}

const spread = (from: number, count: number): number[] =>
  Array.from({ length: count }, (_, n) => from + n);

interface Told {
  readonly tier: string;
  readonly quantity: number;
  readonly included: number;
  readonly overage: number;
}

/** The lines of yesterday in one unit, and what the limits in it say that they counted. */
async function told(customer: string, unit: string) {
  const span = `from=${iso(yesterday)}&to=${iso(yesterday + DAY_MS)}`;
  const path = `/v1/billing/records?customer=${customer}&${span}`;
  let records: BillingRecord[] = [];
  const isTold = async (): Promise<boolean> => {
    records = (await stack.done<{ data: BillingRecord[] }>(path, { key })).data;
    return records.length > 0;
  };
  await until(isTold, { what: `the bill of ${customer}`, withinMs: CLOSED_WITHIN_MS });
  const lines = records
    .filter((record) => record.unit === unit)
    .map(({ tier, quantity, included, overage }): Told => {
      return { tier: tier.name, quantity, included, overage };
    })
    .sort((a, b) => (a.tier < b.tier ? -1 : 1));
  const { data } = await stack.done<{ data: Overage[] }>(
    `/v1/customers/${customer}/overages?${span}`,
    { key },
  );
  const limits = data.filter((row) => row.unit === unit);
  return { lines, limits, overage: sum(lines.map(({ overage }) => overage)) };
}

const iso = (ms: number): string => new Date(ms).toISOString();
const sum = (all: readonly number[]): number => all.reduce((one, other) => one + other, 0);

/** All that the log has of yesterday, by the report over the warehouse. */
async function used(customer: string): Promise<{ calls: number; tokens: number }> {
  const span = `from=${iso(yesterday)}&to=${iso(yesterday + DAY_MS)}`;
  const { data } = await stack.done<{ data: { calls: number; tokens: number }[] }>(
    `/v1/customers/${customer}/usage?${span}&window=day`,
    { key },
  );
  return { calls: sum(data.map((row) => row.calls)), tokens: sum(data.map((row) => row.tokens)) };
}

describe('a bill of a day in which the tier changed', () => {
  beforeAll(async () => {
    const atOnce = await changed('now', 'Basic', 'now');
    const hour = Math.floor(atOnce / HOUR_MS) * HOUR_MS;
    await use('now', spread(hour, 8));
    await use('now', spread(atOnce, 11));
    // Later in the log, and of the time before: what passes the limit now is of the first tier.
    await use('now', [hour + 9, atOnce - 1]);

    const nextHour = await changed('next', 'Hourly', 'nextWindow');
    expect(nextHour % HOUR_MS).toBe(0);
    await use('next', spread(nextHour - 20, 14));
    await use('next', spread(nextHour, 17));
    await stack.folded();
    await put('/v1/settings', { closing: { every: 'day', grace: 'PT0S' } });
  }, START_WITHIN_MS);

  it(
    'is split at the instant of a change at once, overage in the order of the log',
    async () => {
      const { lines, limits, overage } = await told('now', 'calls');
      expect(lines).toEqual([
        { tier: 'Basic', quantity: 10, included: 8, overage: 2 },
        { tier: 'Pro', quantity: 11, included: 7, overage: 4 },
      ]);
      expect(limits.map(({ used, amount, overage: over }) => [used, amount, over])).toEqual([
        [21, 15, 6],
      ]);
      expect(overage).toBe(6);
    },
    CLOSED_WITHIN_MS + 30_000,
  );

  it('knows no limit of a tier that was left before its window ended', async () => {
    // 777 tokens: more than Basic's 500 a day, not more than Pro's 800.
    const { lines, limits } = await told('now', 'tokens');
    expect(lines).toEqual([
      { tier: 'Basic', quantity: 10 * TOKENS, included: 10 * TOKENS, overage: 0 },
      { tier: 'Pro', quantity: 11 * TOKENS, included: 11 * TOKENS, overage: 0 },
    ]);
    expect(sum(limits.map((row) => row.overage))).toBe(0);
  });

  it('splits the one call that passes a limit, and counts none twice that passes two', async () => {
    const { lines, limits, overage } = await told('next', 'tokens');
    // 518 tokens in Hourly's hour of 500; 1,147 in Pro's day of 800, the last 17 calls of it Pro's.
    expect(lines).toEqual([
      { tier: 'Hourly', quantity: 14 * TOKENS, included: 500, overage: 18 },
      { tier: 'Pro', quantity: 17 * TOKENS, included: 282, overage: 347 },
    ]);
    expect(limits.map((row) => row.overage).sort((a, b) => a - b)).toEqual([18, 347]);
    expect(overage).toBe(18 + 347);
  });

  it('takes each tier’s own amount where it changed with the next window', async () => {
    const { lines, limits, overage } = await told('next', 'calls');
    expect(lines).toEqual([
      { tier: 'Hourly', quantity: 14, included: 10, overage: 4 },
      { tier: 'Pro', quantity: 17, included: 15, overage: 2 },
    ]);
    const rows = limits.map(({ tier, used, overage: over }) => [tier.name, used, over]);
    expect(rows).toEqual([
      ['Hourly', 14, 4],
      ['Pro', 17, 2],
    ]);
    expect(overage).toBe(6);
  });

  it('adds up to what the log has', async () => {
    for (const customer of ['now', 'next']) {
      const { calls, tokens } = await used(customer);
      const [ofCalls, ofTokens] = [await told(customer, 'calls'), await told(customer, 'tokens')];
      expect(sum(ofCalls.lines.map(({ quantity }) => quantity))).toBe(calls);
      expect(sum(ofTokens.lines.map(({ quantity }) => quantity))).toBe(tokens);
    }
  });
});
