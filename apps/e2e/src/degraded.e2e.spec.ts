import type { DecisionAnswer } from '@tallyward/contracts';
import { until } from '@tallyward/testing';
import { START_WITHIN_MS, Stack } from './stack.builder';

const CASE_WITHIN_MS = 120_000;
const MODEL = 'gpt-4o-mini';

/** A project that answers "allow" while it can't decide, and one that doesn't. */
interface Policy {
  readonly key: string;
  readonly failOpen: boolean;
}

let stack: Stack;
let open: Policy;
let closed: Policy;
let customers = 0;

beforeAll(async () => {
  stack = await Stack.start({ own: ['kafka', 'postgres'] });
  closed = { key: stack.operatorKey, failOpen: false };
  const made = await stack.ask<{ key: string }>('/v1/projects', {
    method: 'POST',
    body: { name: 'Open' },
  });
  open = { key: made.body.key, failOpen: true };
  for (const { key, failOpen } of [open, closed]) {
    const group = { group: 'standard' };
    await done(stack.ask(`/v1/models/${MODEL}`, { method: 'PUT', body: group, key }));
    await done(stack.ask('/v1/settings', { method: 'PUT', body: { failOpen }, key }));
  }
}, START_WITHIN_MS);
afterAll(() => stack?.close());

async function done(answer: ReturnType<Stack['ask']>): Promise<void> {
  const { status, text } = await answer;
  if (status >= 300) throw new Error(`${status} ${text}`);
}

const decide = async (customer: string, { key }: Policy) => {
  const body = { customer, model: MODEL, estimate: { inputTokens: 10, maxOutputTokens: 10 } };
  return (await stack.ask<DecisionAnswer>('/v1/decisions', { method: 'POST', body, key })).body;
};
const settle = async ({ holdId }: DecisionAnswer, { key }: Policy) => {
  const body = { model: MODEL, inputTokens: 10, outputTokens: 5 };
  const path = `/v1/holds/${encodeURIComponent(holdId ?? '')}/settle`;
  return (await stack.ask(path, { method: 'POST', body, key })).status;
};
const newcomer = () => `c${(customers += 1)}`;

/** Two customers whose calls this gateway has leases for. */
async function warm() {
  const [byOpen, byClosed] = [newcomer(), newcomer()];
  for (const [customer, policy] of [[byOpen, open] as const, [byClosed, closed] as const]) {
    await until(async () => (await decide(customer, policy)).outcome === 'allow', {
      what: `${customer} to be served`,
      withinMs: 30_000,
    });
  }
  return { byOpen, byClosed };
}

/** What everybody is answered while nobody new can be asked about. */
async function expectDegraded({ byOpen, byClosed }: { byOpen: string; byClosed: string }) {
  for (const [customer, policy] of [[byOpen, open] as const, [byClosed, closed] as const]) {
    const leased = await decide(customer, policy);
    expect(leased).toMatchObject({ outcome: 'allow', reason: null });
    expect(leased.holdId).not.toBeNull();
  }
  const refused = await decide(newcomer(), closed);
  expect(refused).toMatchObject({ outcome: 'throttle', reason: 'degraded', holdId: null });
  expect(Date.parse(refused.retryAt ?? '')).toBeGreaterThan(Date.now() - 1_000);
  const served = await decide(newcomer(), open);
  expect(served).toMatchObject({ outcome: 'allow', reason: 'degraded', holdId: null });
}

const recovered = (policy: Policy) =>
  until(async () => (await decide(newcomer(), policy)).reason === null, {
    what: 'newcomers to be served again',
    withinMs: 60_000,
  });

describe('a call is decided from the leases in hand, and else as the project says, and it shows', () => {
  it(
    'while entitlement is away',
    async () => {
      const customersWithLeases = await warm();
      await stack.entitlement.kill();
      await expectDegraded(customersWithLeases);
      await stack.entitlement.start();
      await recovered(closed);
    },
    CASE_WITHIN_MS,
  );

  it(
    'while Postgres is away; what was settled meanwhile is counted when it is back',
    async () => {
      const { byOpen, byClosed } = await warm();
      await stack.bed.stop('postgres');
      await expectDegraded({ byOpen, byClosed });
      const held = await decide(byClosed, closed);
      expect(await settle(held, closed)).toBe(202);
      await stack.bed.start('postgres');
      await recovered(closed);
    },
    CASE_WITHIN_MS,
  );

  it(
    'while Kafka is away; nothing is settled until it is back, and then it is',
    async () => {
      const { byOpen, byClosed } = await warm();
      const held = await decide(byClosed, closed);
      await stack.bed.stop('kafka');
      await expectDegraded({ byOpen, byClosed });
      expect(await settle(held, closed)).toBe(503);
      await stack.bed.start('kafka');
      await until(async () => (await settle(held, closed)) === 202, {
        what: 'the hold to be settled',
        withinMs: 60_000,
      });
      await recovered(closed);
    },
    CASE_WITHIN_MS,
  );
});
