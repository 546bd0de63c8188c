import type { BillingRecord } from '@tallyward/contracts';
import { UNITS, zeroAmounts } from '@tallyward/domain';
import {
  CSV,
  csvRows,
  jsonLines,
  NDJSON,
  sumsOf,
  untilSeen,
  usageEvent,
  type ExportedRow,
  type UnitSums,
} from '@tallyward/testing';
import fc from 'fast-check';
import { Stack, START_WITHIN_MS } from '../stack.builder';
import { askReader, SUMS_BY_SQL } from './exported.builder';
import { countedOf, CUSTOMERS, sent, someEvent, type Some } from './some-events.builder';

jest.setTimeout(300_000);

const HOUR_MS = 3_600_000;
const HOURS = 5;
const CLOSED_WITHIN_MS = 120_000;

let stack: Stack;
/** Hours that are over. */
let end: number;
let start: number;
beforeAll(async () => {
  stack = await Stack.start();
  end = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  start = end - HOURS * HOUR_MS;
}, START_WITHIN_MS);
afterAll(() => stack?.close());

/** All that was sent so far, once. */
const all: Some[] = [];

/** Each batch twice over, as a client that was not answered would. */
async function send(events: readonly Some[]): Promise<void> {
  if (events.length === 0) return;
  const batch = events.map((event, n) => usageEvent(sent(event, `e${all.length + n}`)));
  for (let time = 0; time < 2; time += 1) {
    expect((await stack.send(batch)).body).toMatchObject({ accepted: batch.length, rejected: [] });
  }
  all.push(...events);
  await stack.folded();
}

interface Asked {
  readonly from: number;
  readonly to: number;
  readonly customer: string | null;
}

const iso = (ms: number): string => new Date(ms).toISOString();
const spanOf = ({ from, to }: Asked): string => `from=${iso(from)}&to=${iso(to)}`;

async function textOf(path: string, accept: string): Promise<string> {
  const headers = { authorization: `Bearer ${stack.operatorKey}`, accept };
  const answer = await fetch(`${stack.gateways[0]?.url}${path}`, { headers });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
  return text;
}

/** The same number, from every place where it can be had. */
async function everySum(asked: Asked): Promise<UnitSums[]> {
  const { from, to, customer } = asked;
  const of = customer === null ? '' : `&customer=${encodeURIComponent(customer)}`;
  const whose = customer === null ? '' : `/customers/${encodeURIComponent(customer)}`;
  const sql = `SELECT ${SUMS_BY_SQL} FROM usage_events_v1 AS e WHERE project = 'demo'
    AND time >= fromUnixTimestamp64Milli({from: Int64})
    AND time < fromUnixTimestamp64Milli({to: Int64})
    AND ({customer: String} = '' OR customer = {customer: String})`;
  const bound = { from, to, customer: customer ?? '' };
  const exported = `/v1/exports/events?${spanOf(asked)}${of}`;
  const rows: readonly (readonly ExportedRow[])[] = [
    csvRows(await textOf(exported, CSV)),
    jsonLines(await textOf(exported, NDJSON)),
    (await stack.done<{ data: ExportedRow[] }>(`/v1${whose}/usage?${spanOf(asked)}&window=hour`))
      .data,
    csvRows(await textOf(`/v1${whose}/usage?${spanOf(asked)}&window=day`, CSV)),
    [await askReader(stack, sql, bound)],
  ];
  return rows.map(sumsOf);
}

const sumOf = (events: readonly Some[]): UnitSums => sumsOf(events.map(countedOf));

describe('an export, met at the gateway', () => {
  it('of events has the sums of report, API and SQL, for any events, spans and customers', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(someEvent(start, end), { minLength: 1, maxLength: 300, size: 'max' }),
        fc.array(
          fc.record({
            // Two of the events' own times, or of any: bounds that lie on an event, and between.
            ends: fc.tuple(fc.nat(), fc.nat()),
            onEvents: fc.boolean(),
            customer: fc.constantFrom(null, ...CUSTOMERS, 'nobody'),
          }),
          { minLength: 4, maxLength: 4 },
        ),
        async (events, spans) => {
          await send(events);
          for (const { ends, onEvents, customer } of spans) {
            const bounds = ends.map((n) =>
              onEvents ? all[n % all.length]!.time : start + (n % (HOURS * HOUR_MS)),
            );
            const [from, to] = [Math.min(...bounds), Math.max(...bounds)];
            if (from === to) continue;
            const expected = sumOf(
              all.filter(({ time, customer: whose }) => {
                return time >= from && time < to && (customer === null || whose === customer);
              }),
            );
            const found = await everySum({ from, to, customer });
            expect(found).toEqual(found.map(() => expected));
          }
        },
      ),
      // A smaller counterexample would cost minutes of folds: the seed is printed.
      { numRuns: 6, endOnFailure: true },
    );
    const whole = await everySum({ from: start, to: end, customer: null });
    expect(whole).toEqual(whole.map(() => sumOf(all)));
  });

  it('in FOCUS’ columns has the sums of the bill, and these those of the report', async () => {
    await stack.done('/v1/settings', {
      method: 'PUT',
      body: { closing: { every: 'hour', grace: 'PT0S' } },
    });
    const billed = async () => {
      const { data } = await stack.done<{ data: unknown[] }>('/v1/billing/periods?state=held-back');
      return { calls: (await focusSums(start, end)).calls, of: all.length, held: data };
    };
    await untilSeen(billed, ({ calls, of }) => calls === of, {
      what: 'every event to be in the bill',
      withinMs: CLOSED_WITHIN_MS,
    });
    for (let from = 0; from < HOURS; from += 1) {
      for (const to of [from + 1, HOURS]) {
        const span = { from: start + from * HOUR_MS, to: start + to * HOUR_MS, customer: null };
        const expected = sumOf(all.filter(({ time }) => time >= span.from && time < span.to));
        const [reported] = await everySum(span);
        expect(reported).toEqual(expected);
        expect(await focusSums(span.from, span.to)).toEqual(expected);
        expect(await billedSums(span)).toEqual(expected);
        expect(await linesBySql(span)).toEqual(expected);
      }
    }
  });
});

interface Line {
  readonly unit: string;
  readonly quantity: number | string;
}

/** Of lines that say one unit each. */
function summed(lines: readonly Line[]): UnitSums {
  const sums = zeroAmounts();
  for (const unit of UNITS) {
    for (const line of lines) if (line.unit === unit) sums[unit] += Number(line.quantity);
  }
  return sums;
}

async function focusSums(from: number, to: number): Promise<UnitSums> {
  const text = await textOf(`/v1/exports/focus?${spanOf({ from, to, customer: null })}`, CSV);
  const lines = csvRows(text).map((row) => {
    return { unit: String(row['ConsumedUnit']), quantity: String(row['ConsumedQuantity']) };
  });
  return summed(lines);
}

/** Deltas of all revisions, over all pages. */
async function billedSums(span: Asked): Promise<UnitSums> {
  const lines: Line[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const more: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const path = `/v1/billing/records?${spanOf(span)}&limit=200${more}`;
    const page: Page = await stack.done<Page>(path);
    lines.push(...page.data.map(({ unit, delta }) => ({ unit, quantity: delta })));
    cursor = page.nextCursor;
  }
  return summed(lines);
}
interface Page {
  readonly data: BillingRecord[];
  readonly nextCursor: string | null;
}

async function linesBySql({ from, to }: Asked): Promise<UnitSums> {
  const { lines } = await askReader(
    stack,
    `SELECT groupArray((unit, sum)) AS lines FROM (
      SELECT unit, toString(sum(quantity)) AS sum FROM billing_lines_v1 WHERE project = 'demo'
        AND period_from >= fromUnixTimestamp64Milli({from: Int64})
        AND period_from < fromUnixTimestamp64Milli({to: Int64}) GROUP BY unit)`,
    { from, to },
  );
  return summed((lines as [string, string][]).map(([unit, quantity]) => ({ unit, quantity })));
}
