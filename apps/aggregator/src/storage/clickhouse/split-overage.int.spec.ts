import { partitionKey, splitOverage as splitInMemory, type SplitEvent } from '@tallyward/domain';
import { testbed } from '@tallyward/testing';
import * as fc from 'fast-check';
import { foldBed, type FoldBed } from '../../load-warehouse/fold-bed.builder';
import { formBatch, rowsIn } from '../../load-warehouse/form-batch';
import { homeOf } from '../../load-warehouse/loaded-log';
import { loggedFacts } from '../../load-warehouse/logged-facts.builder';
import { USAGE_LOG } from '../../load-warehouse/usage-row';
import { RowWriter, USAGE_EVENTS } from '../clickhouse';
import { splitOverage, type PassedLimit } from './split-overage';

jest.setTimeout(300_000);

const HOUR_MS = 3_600_000;
/** Four hours that are over; what the log takes can't be old. */
const BEGIN = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 6 * HOUR_MS;
const RUNS = 12;

let bed: FoldBed;
let made = 0;
beforeAll(async () => {
  bed = await foldBed(await testbed());
});
afterAll(() => bed?.close());

const call = fc.record({
  hour: fc.integer({ min: 0, max: 3 }),
  model: fc.constantFrom('m1', 'm2'),
  user: fc.constantFrom('', 'u1', 'u2'),
  inputTokens: fc.integer({ min: 0, max: 40 }),
});
const limit = fc.record({
  scope: fc.constantFrom<'customer' | 'user'>('customer', 'user'),
  modelGroup: fc.constantFrom('*', 'g-m1', 'g-m2'),
  hours: fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: 4 })),
  amount: fc.integer({ min: 0, max: 100 }),
});

describe('what passed the limits, as ClickHouse splits it', () => {
  it('is what the rule says of the same events in memory, as of the same offset', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(call, { minLength: 1, maxLength: 25 }),
        fc.array(limit, { minLength: 1, maxLength: 3 }),
        fc.nat(25),
        async (calls, given, seen) => {
          const customer = `c${++made}`;
          const partition = homeOf(partitionKey('demo', customer));
          const base = await landed(customer, partition, calls);
          const limits = given.map((one): PassedLimit => ({
            ...{ project: 'demo', customer, unit: 'tokens', amount: one.amount },
            ...{ scope: one.scope, modelGroup: one.modelGroup },
            scopeValue: one.scope === 'user' ? 'u1' : customer,
            span: {
              from: BEGIN + one.hours[0] * HOUR_MS,
              to: BEGIN + (one.hours[0] + one.hours[1]) * HOUR_MS,
            },
          }));
          const spans = [0, 1].map((n) => ({
            ...{ n, project: 'demo', customer },
            span: { from: BEGIN + 2 * n * HOUR_MS, to: BEGIN + 2 * (n + 1) * HOUR_MS },
          }));
          const upTo = new Map([[partition, base + BigInt(seen)]]);
          const { ofLimits, ofSpans } = await splitOverage(bed.clickhouse, limits, spans, upTo);
          const events = calls.slice(0, seen).map((one, at) => eventOf(one, at, limits));
          const beyond = splitInMemory(
            events,
            limits.map(({ amount }) => amount),
          );
          expect(ofLimits.map(({ used }) => used)).toEqual(
            limits.map((_, n) =>
              sum(events.flatMap(({ countedBy }) => countedBy.filter((c) => c.limit === n))),
            ),
          );
          const expected = new Map<string, number>();
          for (const [at, one] of calls.slice(0, seen).entries()) {
            const key = `${one.hour < 2 ? 0 : 1} ${one.model}`;
            const more = beyond.get(BigInt(at)) ?? 0;
            if (more > 0) expected.set(key, (expected.get(key) ?? 0) + more);
          }
          const found = ofSpans.map(({ n, model, overage }) => [`${n} ${model}`, overage] as const);
          expect(new Map(found)).toEqual(expected);
        },
      ),
      { numRuns: RUNS },
    );
  });
});

type Call = typeof call extends fc.Arbitrary<infer T> ? T : never;

const timeOf = ({ hour }: Call, at: number): number => BEGIN + hour * HOUR_MS + at;

function eventOf(one: Call, at: number, limits: readonly PassedLimit[]): SplitEvent {
  const time = timeOf(one, at);
  const countedBy = limits.flatMap(({ scope, scopeValue, modelGroup, span }, n) => {
    const isOf = scope === 'customer' || one.user === scopeValue;
    const isIn = time >= span.from && time < span.to;
    const isMet = modelGroup === '*' || modelGroup === `g-${one.model}`;
    return isOf && isIn && isMet ? [{ limit: n, quantity: one.inputTokens + 5 }] : [];
  });
  return { offset: BigInt(at), countedBy };
}

/** Lands calls in their order, and answers the first one's offset. */
async function landed(
  customer: string,
  partition: number,
  calls: readonly Call[],
): Promise<bigint> {
  const base = BigInt(made) * 1_000n;
  const source = loggedFacts(
    partition,
    calls.map((one, at) => ({
      ...{ customer, id: `${customer}-${at}`, time: timeOf(one, at), outputTokens: 5 },
      ...{ model: one.model, modelGroup: `g-${one.model}`, user: one.user },
      inputTokens: one.inputTokens,
    })),
  );
  const entries = source.entries.map((entry) => ({ ...entry, offset: entry.offset + base }));
  const moved = { ...source, entries, from: source.from + base, to: source.to + base };
  const batch = formBatch(moved, USAGE_LOG.readRow);
  const rows = rowsIn(batch);
  if (rows.length !== calls.length) throw new Error(`parked: ${JSON.stringify(batch.parked[0])}`);
  const range = { topicIdentity: 'spec', partition, from: moved.from, to: moved.to };
  await new RowWriter(bed.clickhouse, USAGE_EVENTS).insert(range, rows);
  return base;
}

const sum = (counted: readonly { readonly quantity: number }[]): number =>
  counted.reduce((all, { quantity }) => all + quantity, 0);
