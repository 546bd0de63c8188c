import type { ClickHouseClient } from '@clickhouse/client';
import { usageQuery, type CountedEvent } from '@tallyward/contracts';
import {
  addAmounts,
  amountsOf,
  calendarWindow,
  REPORT_WINDOWS,
  zeroAmounts,
  type LoggedEvent,
  type UsageEvent,
} from '@tallyward/domain';
import { migrateClickHouse, openClickHouse } from '@tallyward/platform';
import { testbed, type Testbed } from '@tallyward/testing';
import fc from 'fast-check';
import { usageRow } from '../load-warehouse/usage-row';
import type { WarehouseProgress } from '../load-warehouse/warehouse-progress';
import { CLICKHOUSE_MIGRATIONS } from '../storage/clickhouse';
import { insertSettings, insertStatement } from '../storage/clickhouse/row.insert';
import { readCursor, TrailService } from './trail.service';
import { UsageService } from './usage.service';

const START = Date.parse('2026-10-24T20:00:00Z');
const SPAN_MS = 3 * 86_400_000;
const EVENTS = 600;
const GROUPINGS = [
  'model',
  'modelGroup',
  'workspace',
  'user',
  'role',
  'source',
  'customer',
] as const;

let bed: Testbed;
let clickhouse: ClickHouseClient;
let usage: UsageService;
let trail: TrailService;
let events: LoggedEvent[];

function eventAt(n: number, random: (below: number) => number): LoggedEvent {
  const event: UsageEvent = {
    project: random(10) === 0 ? 'other' : 'demo',
    customer: `c${random(3)}`,
    source: `s${random(2)}`,
    id: `e${n}`,
    time: START + random(SPAN_MS),
    receivedAt: START,
    catalogueVersion: 1,
    content: '',
    model: `m${random(3)}`,
    modelGroup: `g${random(2)}`,
    workspace: ['', 'emea', "o'brien"][random(3)] ?? '',
    user: ['', 'ü', 'u$d$'][random(3)] ?? '',
    role: '',
    hold: null,
    tags: random(2) === 0 ? { feature: `f${random(2)}` } : {},
    amounts: amountsOf({
      inputTokens: random(1000),
      outputTokens: random(1000),
      cacheReadTokens: random(3),
      cacheWriteTokens: random(3),
      reasoningTokens: random(3),
      images: random(3),
      toolCalls: random(3),
    }),
  };
  return { partition: random(2), offset: BigInt(n), appendedAt: START, event };
}

beforeAll(async () => {
  bed = await testbed();
  clickhouse = await openClickHouse({ url: bed.clickhouse.loader, application: 'spec' });
  await migrateClickHouse(clickhouse, CLICKHOUSE_MIGRATIONS);
  const seeded = fc.sample(fc.infiniteStream(fc.nat({ max: 2 ** 31 - 1 })), {
    seed: 42,
    numRuns: 1,
  })[0]!;
  const random = (below: number): number => (seeded.next().value as number) % below;
  events = Array.from({ length: EVENTS }, (_, n) => eventAt(n, random));
  for (const partition of [0, 1]) {
    const range = { topicIdentity: 'spec', partition, from: 0n, to: BigInt(EVENTS) };
    const rows = events.filter((entry) => entry.partition === partition).map(usageRow);
    await clickhouse.command({
      query: insertStatement('usage_events', range, rows.join('\n')),
      clickhouse_settings: insertSettings(range),
    });
  }
  const progress = { asOf: async () => START } as unknown as WarehouseProgress;
  usage = new UsageService(clickhouse, progress);
  trail = new TrailService(clickhouse);
});

afterAll(async () => {
  await clickhouse?.close();
  await bed?.close();
});

type Row = Record<string, unknown>;

async function report(customer: string | null, query: object): Promise<Row[]> {
  const answer = await usage.report({ project: 'demo', customer }, usageQuery.parse(query), 'UTC');
  if (!('rows' in answer)) throw new Error(JSON.stringify(answer.fields));
  return [...answer.rows];
}

const valueOf = (event: UsageEvent, name: string): string =>
  name.startsWith('tag.')
    ? (event.tags[name.slice(4)] ?? '')
    : String(event[name as keyof UsageEvent]);

/** The same report, event by event. */
function naive(customer: string | null, from: number, to: number, query: Row): Map<string, Row> {
  const groupBy = (query['groupBy'] as string | undefined)?.split(',') ?? [];
  const rows = new Map<string, Row>();
  for (const { event } of events) {
    const { time } = event;
    if (event.project !== 'demo' || time < from || time >= to) continue;
    if (customer !== null && event.customer !== customer) continue;
    const window = calendarWindow(time, query['window'] as 'day', query['timeZone'] as string);
    const labels = Object.fromEntries(groupBy.map((name) => [name, valueOf(event, name)]));
    const head = { from: new Date(Math.max(window.from, from)).toISOString(), ...labels };
    const key = JSON.stringify(head);
    const row = rows.get(key) ?? zeroAmounts();
    addAmounts(row as ReturnType<typeof zeroAmounts>, event.amounts);
    rows.set(key, row);
  }
  return rows;
}

describe('usage reports over ClickHouse', () => {
  it('equal the events, to the digit, in any window, zone and grouping', async () => {
    const instant = fc.integer({ min: START - 86_400_000, max: START + SPAN_MS + 86_400_000 });
    const coarse = (ms: number): number => Math.floor(ms / 900_000) * 900_000;
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(instant, instant).filter(([a, b]) => a !== b),
        fc.boolean(),
        fc.constantFrom(...REPORT_WINDOWS),
        fc.constantFrom('UTC', 'Europe/Rome', 'Asia/Kathmandu', 'Australia/Lord_Howe'),
        fc.subarray([...GROUPINGS.slice(0, 6), 'tag.feature'], { maxLength: 3 }),
        fc.constantFrom(null, 'c0', 'c1', 'nobody'),
        async (ends, aligned, window, timeZone, groups, customer) => {
          const [from, to] = ends.map(aligned ? coarse : (ms) => ms).sort((a, b) => a - b);
          fc.pre(from! < to! && !(window === 'minute' && groups.length > 0));
          const groupBy = groups.length > 0 ? { groupBy: groups.join(',') } : {};
          const span = { from: new Date(from!).toISOString(), to: new Date(to!).toISOString() };
          const query = { window, timeZone, ...groupBy };
          const expected = naive(customer, from!, to!, query);
          const rows = await report(customer, { ...span, ...query });
          for (const { to: end, from: start, ...row } of rows) {
            const labels = Object.fromEntries(groups.map((name) => [name, row[name]]));
            const key = JSON.stringify({ from: start, ...labels });
            const sums = Object.fromEntries(
              Object.entries(row).filter(([name]) => !groups.includes(name as 'model')),
            );
            expect(sums).toEqual(expected.get(key) ?? zeroAmounts());
            expected.delete(key);
            expect(Date.parse(end as string)).toBeGreaterThan(Date.parse(start as string));
          }
          expect([...expected]).toEqual([]);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('cover the span without gap or overlap, zeros where nothing was', async () => {
    const span = { from: '2026-10-20T10:07:11.500Z', to: '2026-10-30T00:00:00Z' };
    const rows = await report('c0', { ...span, window: 'hour', timeZone: 'Europe/Rome' });
    expect(rows[0]?.['from']).toBe(span.from);
    expect(Date.parse(rows.at(-1)?.['to'] as string)).toBe(Date.parse(span.to));
    rows.slice(1).forEach((row, i) => expect(row['from']).toBe(rows[i]?.['to']));
    expect(rows.filter((row) => row['calls'] === 0).length).toBeGreaterThan(100);
  });

  it('of named customers are those of each of them, and of nobody else', async () => {
    const span = { from: '2026-10-01T00:00:00Z', to: '2026-11-01T00:00:00Z', window: 'day' };
    const among = ['c0', 'c2', "nobody's"];
    const query = usageQuery.parse({ ...span, groupBy: 'customer' });
    const answer = await usage.report({ project: 'demo', customer: null, among }, query, 'UTC');
    if (!('rows' in answer)) throw new Error(JSON.stringify(answer.fields));
    const rows = [...answer.rows];
    for (const customer of ['c0', 'c2']) {
      const own = rows.filter((row) => row['customer'] === customer);
      const alone = await report(customer, span);
      expect(own).toEqual(alone.map((row) => ({ ...row, customer })));
    }
    expect(new Set(rows.map((row) => row['customer']))).toEqual(new Set(['c0', 'c2']));
  });

  it('nobody reads another project (I11)', async () => {
    const span = { from: '2026-10-01T00:00:00Z', to: '2026-11-01T00:00:00Z', window: 'month' };
    const all = await report(null, span);
    const mine = events.filter(({ event }) => event.project === 'demo').length;
    expect(all.reduce((sum, row) => sum + Number(row['calls']), 0)).toBe(mine);
  });
});

describe('the trail over ClickHouse', () => {
  it('pages through every event once, newest first, with its place', async () => {
    const scope = { project: 'demo', customer: 'c1' };
    const seen: CountedEvent[] = [];
    let cursor: string | null = null;
    do {
      const after: ReturnType<typeof readCursor> | null =
        cursor === null ? null : readCursor(cursor);
      const page = await trail.page(scope, { limit: 7 }, after ?? null);
      seen.push(...page.data);
      cursor = page.nextCursor;
    } while (cursor !== null);
    const expected = events.filter(
      ({ event }) => event.project === 'demo' && event.customer === 'c1',
    );
    expect(new Set(seen.map((event) => event.id)).size).toBe(seen.length);
    expect(seen.map((event) => event.id).sort()).toEqual(expected.map((e) => e.event.id).sort());
    const times = seen.map((event) => Date.parse(event.time));
    expect(times).toEqual([...times].sort((a, b) => b - a));
    const first = expected.find((entry) => entry.event.id === seen[0]?.id);
    expect(seen[0]).toMatchObject({
      partition: first?.partition,
      offset: String(first?.offset),
      counted: first?.event.amounts,
      tags: first?.event.tags,
    });
  });

  it('shows what one limit counts: of its group, its user and its window', async () => {
    const scope = { project: 'demo', customer: 'c1' };
    const [from, to] = [START + SPAN_MS / 4, START + SPAN_MS / 2];
    const span = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
    for (const one of [{ modelGroup: 'g1' }, { user: 'u$d$' }, { workspace: "o'brien" }]) {
      const page = await trail.page(scope, { limit: 200, ...span, ...one }, null);
      const [[name, value]] = Object.entries(one) as [[keyof UsageEvent, string]];
      const expected = events.filter(
        ({ event }) =>
          event.project === 'demo' &&
          event.customer === 'c1' &&
          event.time >= from &&
          event.time < to &&
          event[name] === value,
      );
      expect(expected.length).toBeGreaterThan(0);
      expect(page.data.map(({ id }) => id).sort()).toEqual(expected.map((e) => e.event.id).sort());
    }
  });

  it('finds an event by source and id, of the own project alone', async () => {
    const mine = events.find(({ event }) => event.project === 'demo')!.event;
    const theirs = events.find(({ event }) => event.project === 'other')!.event;
    const find = (event: UsageEvent): Promise<CountedEvent[]> =>
      trail.find({ project: 'demo', customer: null }, event.source, event.id);
    expect(await find(mine)).toMatchObject([{ id: mine.id, customer: mine.customer }]);
    expect(await find(theirs)).toEqual([]);
  });

  it('a cursor that is not ours is none', () => {
    for (const text of ['', 'x', 'e30', Buffer.from('{"time":1}').toString('base64url')]) {
      expect(readCursor(text)).toBeUndefined();
    }
  });
});
