import type { CountedEvent } from '@tallyward/contracts';
import type { UsageEvent } from '@tallyward/domain';
import { reportedEvents, SPAN_MS, START, type ReportedEvents } from './reported-events.builder';
import { readCursor, TrailService } from './trail.service';

let reported: ReportedEvents;
let trail: TrailService;

beforeAll(async () => {
  reported = await reportedEvents();
  trail = new TrailService(reported.clickhouse);
});

afterAll(() => reported?.close());

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
    const expected = reported.events.filter(
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
      const expected = reported.events.filter(
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
    const mine = reported.events.find(({ event }) => event.project === 'demo')!.event;
    const theirs = reported.events.find(({ event }) => event.project === 'other')!.event;
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
