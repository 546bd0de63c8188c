import {
  amountsOf,
  type LoggedEvent,
  QUARTER_MS,
  type Unit,
  type UsageEvent,
} from '@tallyward/domain';
import { testbed, type Testbed } from '@tallyward/testing';
import fc from 'fast-check';
import type { DataSource } from 'typeorm';
import { settleBatch } from '../../project-totals/settle-batch';
import { usesOf } from '../../project-totals/uses-of';
import { openStorage } from '../data-source';
import { addToCounters, countersOf, lockUsed } from './counter-usage';
import { lockCounters, type NewCounter, openCounters } from './counters';

const RUNS = 40;
const START = 1_000 * QUARTER_MS;
let bed: Testbed;
let dataSource: DataSource;
let lastCustomer = 0;

beforeAll(async () => {
  bed = await testbed();
  dataSource = await openStorage(bed.postgres.entitlement, 'counter-spec', () => undefined);
});
afterAll(async () => {
  await dataSource?.destroy();
  await bed?.close();
});

const NONE = { cacheReadTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0, toolCalls: 0 };
const event = fc.record({
  customer: fc.constantFrom('a', 'b'),
  workspace: fc.constantFrom('', 'w1', 'w2'),
  user: fc.constantFrom('', 'u1'),
  role: fc.constantFrom('', 'r1'),
  modelGroup: fc.constantFrom('premium', 'standard'),
  time: fc.integer({ min: START - 5, max: START + 2 * QUARTER_MS }),
  tokens: fc.nat(1_000),
  images: fc.nat(3),
});
const counter = fc.record({
  customer: fc.constantFrom('a', 'b'),
  scope: fc.constantFrom('customer', 'workspace', 'user', 'role'),
  modelGroup: fc.constantFrom('*', 'premium', 'standard'),
  unit: fc.constantFrom<Unit>('calls', 'tokens', 'images'),
  from: fc.integer({ min: START - 5, max: START + QUARTER_MS }),
  length: fc.integer({ min: 1, max: QUARTER_MS }),
});
type GivenEvent = typeof event extends fc.Arbitrary<infer T> ? T : never;
type GivenCounter = typeof counter extends fc.Arbitrary<infer T> ? T : never;
const SCOPE_VALUES = { customer: '', workspace: 'w1', user: 'u1', role: 'r1' } as const;

const counts = (one: GivenCounter, by: GivenEvent): boolean =>
  one.customer === by.customer &&
  (one.modelGroup === '*' || one.modelGroup === by.modelGroup) &&
  by.time >= one.from &&
  by.time < one.from + one.length &&
  (one.scope === 'customer' ||
    by[one.scope as 'workspace' | 'user' | 'role'] === SCOPE_VALUES[one.scope as 'user']);

const usageEvent = (given: GivenEvent, run: string): UsageEvent => ({
  ...given,
  project: 'demo',
  customer: `${run}${given.customer}`,
  source: 's',
  id: 'x',
  receivedAt: given.time,
  catalogueVersion: 1,
  content: '',
  model: 'm',
  tags: {},
  hold: null,
  amounts: amountsOf({
    inputTokens: given.tokens,
    outputTokens: 0,
    images: given.images,
    ...NONE,
  }),
});

const logged = (given: UsageEvent, n: number): LoggedEvent => ({
  partition: 0,
  offset: BigInt(n),
  appendedAt: given.time,
  event: given,
});

it('an event is added to every open counter it belongs to, and to no other', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { maxLength: 12 }),
      fc.array(counter, { minLength: 1, maxLength: 8 }),
      async (events, counters) => {
        const run = `run${(lastCustomer += 1)}-`;
        const place = { topic: 'usage.events.v1', partition: 0 };
        const expected: number[] = [];
        const found: number[] = [];
        for (const [n, one] of counters.entries()) {
          const customer = `${run}${one.customer}`;
          const fresh: NewCounter = {
            ...one,
            project: 'demo',
            customer,
            name: `n${n}`,
            scope: one.scope as NewCounter['scope'],
            scopeValue: SCOPE_VALUES[one.scope as 'user'],
            window: { from: one.from, to: one.from + one.length },
            amount: 1,
            extra: 0,
            isHard: true,
            isOnQuarters: false,
          };
          await openCounters(dataSource.manager, place, [fresh]);
          const unit = one.unit as 'calls' | 'tokens' | 'images';
          const mine = events.filter((by) => counts(one, by));
          expected.push(mine.reduce((sum, by) => sum + (unit === 'calls' ? 1 : by[unit]), 0));
        }
        await dataSource.transaction(async (manager) => {
          const entries = events.map((one, n) => logged(usageEvent(one, run), n));
          const open = await countersOf(
            manager,
            entries.map((entry) => entry.event),
          );
          const uses = usesOf(open, entries);
          const locked = await lockUsed(
            manager,
            uses.map((use) => use.counter),
          );
          await addToCounters(manager, settleBatch(uses, locked, []).counters);
        });
        for (const [n, one] of counters.entries()) {
          const customer = `${run}${one.customer}`;
          const key = { project: 'demo', customer, name: `n${n}`, windowStart: one.from };
          const [row] = await dataSource.transaction((manager) => lockCounters(manager, [key]));
          found.push(row?.used ?? -1);
        }
        expect(found).toEqual(expected);
      },
    ),
    { numRuns: RUNS },
  );
});
