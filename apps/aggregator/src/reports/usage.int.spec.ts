import { usageQuery } from '@tallyward/contracts';
import {
  addAmounts,
  calendarWindow,
  REPORT_WINDOWS,
  zeroAmounts,
  type UsageEvent,
} from '@tallyward/domain';
import fc from 'fast-check';
import type { WarehouseProgress } from '../load-warehouse/warehouse-progress';
import { reportedEvents, SPAN_MS, START, type ReportedEvents } from './reported-events.builder';
import { UsageService } from './usage.service';

const GROUPINGS = [
  'model',
  'modelGroup',
  'workspace',
  'user',
  'role',
  'source',
  'customer',
] as const;

let reported: ReportedEvents;
let usage: UsageService;

beforeAll(async () => {
  reported = await reportedEvents();
  const progress = { asOf: async () => START } as unknown as WarehouseProgress;
  usage = new UsageService(reported.clickhouse, progress);
});

afterAll(() => reported?.close());

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
  for (const { event } of reported.events) {
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
    const mine = reported.events.filter(({ event }) => event.project === 'demo').length;
    expect(all.reduce((sum, row) => sum + Number(row['calls']), 0)).toBe(mine);
  });
});
