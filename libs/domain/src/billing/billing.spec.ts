import * as fc from 'fast-check';
import type { Span } from '../calendar';
import { computedWindow } from '../windows/limit-window';
import { billedPeriod, isOver, tierSpans, type BilledWindow } from './billed-period';
import { changedLines, lineText, type BillLine } from './bill-lines';
import { splitOverage, type SplitEvent } from './overage-split';

const HOUR_MS = 3_600_000;
const YEAR_2026 = Date.UTC(2026, 0, 1);

const every = fc.constantFrom<BilledWindow>('hour', 'day', 'month', 'billingPeriod');
const zone = fc.constantFrom('UTC', 'Europe/Rome', 'Asia/Kathmandu', 'America/St_Johns');
const instant = fc.integer({ min: YEAR_2026, max: YEAR_2026 + 365 * 24 * HOUR_MS });
const frame = fc.record({ timeZone: zone, billingAnchor: instant });

describe('the period that usage is billed in', () => {
  it('holds the instant, touches no closed one, and one that is closed stays as it was', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ at: instant, every, frame }), { minLength: 1, maxLength: 12 }),
        (steps) => {
          const closed: Span[] = [];
          for (const { at, every: by, frame: cut } of steps) {
            const period = billedPeriod(at, computedWindow(at, by, cut), closed);
            expect(period.from <= at && at < period.to).toBe(true);
            const same = closed.find(({ from }) => from === period.from);
            const others = closed.filter((one) => one !== same);
            expect(others.some(({ from, to }) => from < period.to && to > period.from)).toBe(false);
            if (same) expect(period).toEqual(same);
            else closed.push(period);
          }
        },
      ),
    );
  });

  it('is over when the log has passed its end and the grace, not before', () => {
    const period = { from: 0, to: HOUR_MS };
    expect(isOver(period, 60_000, HOUR_MS + 59_999)).toBe(false);
    expect(isOver(period, 60_000, HOUR_MS + 60_000)).toBe(true);
  });

  it('is cut where the tier changed: every instant has one tier', () => {
    const period = { from: 100, to: 200 };
    const timeline = [10, 100, 150, 180, 300].map((from, n) => ({
      name: `t${n}`,
      version: 1,
      from,
    }));
    const told = tierSpans(period, timeline).map(({ tier, span }) => [
      tier.name,
      span.from,
      span.to,
    ]);
    expect(told).toEqual([
      ['t1', 100, 150],
      ['t2', 150, 180],
      ['t3', 180, 200],
    ]);
    const [first] = timeline;
    expect(first && tierSpans({ from: 0, to: 5 }, [first])).toEqual([
      { tier: first, span: { from: 0, to: 5 } },
    ]);
  });
});

const quantity = fc.integer({ min: 0, max: 50 });
const limits = 2;
const events = fc
  .array(fc.array(fc.option(quantity), { minLength: limits, maxLength: limits }), { maxLength: 30 })
  .map((given) =>
    given.map((counted, at): SplitEvent => ({
      offset: BigInt(at),
      countedBy: counted.flatMap((each, limit) =>
        each === null ? [] : [{ limit, quantity: each }],
      ),
    })),
  );
const amounts = fc.array(fc.integer({ min: 0, max: 300 }), {
  minLength: limits,
  maxLength: limits,
});

describe('what passed a limit that allows', () => {
  it('is, of one limit, all that lies above its amount', () => {
    fc.assert(
      fc.property(events, amounts, (given, [amount = 0]) => {
        const mine = given.map(({ offset, countedBy }) => ({
          offset,
          countedBy: countedBy.filter(({ limit }) => limit === 0),
        }));
        const used = sum(mine.flatMap(({ countedBy }) => countedBy.map((one) => one.quantity)));
        const beyond = sum([...splitOverage(mine, [amount]).values()]);
        expect(beyond).toBe(Math.max(0, used - amount));
      }),
    );
  });

  it('never changes by what comes later, in whatever order events are read', () => {
    fc.assert(
      fc.property(events, amounts, fc.nat(30), (given, each, cut) => {
        const before = splitOverage(given.slice(0, cut), each);
        const after = splitOverage([...given].reverse(), each);
        for (const { offset } of given.slice(0, cut)) {
          expect(after.get(offset)).toBe(before.get(offset));
        }
      }),
    );
  });

  it('counts once what several limits were passed by', () => {
    const both = [
      { limit: 0, quantity: 10 },
      { limit: 1, quantity: 10 },
    ];
    expect(splitOverage([{ offset: 1n, countedBy: both }], [4, 8])).toEqual(new Map([[1n, 6]]));
  });
});

const line = fc
  .record({
    tier: fc.record({ name: fc.constantFrom('A', 'B'), version: fc.constant(1) }),
    modelGroup: fc.constant('premium'),
    model: fc.constantFrom('m1', 'm2'),
    unit: fc.constantFrom<'calls' | 'tokens'>('calls', 'tokens'),
    quantity: fc.integer({ min: 1, max: 1_000 }),
    share: fc.nat(100),
    events: fc.nat(9),
    proof: fc.bigInt(0n, 9n),
  })
  .map(({ share, ...of }): BillLine => ({
    ...of,
    overage: Math.floor((of.quantity * share) / 100),
  }));
const lines = fc.uniqueArray(line, { selector: lineText, maxLength: 8 });

describe('a revision', () => {
  it('tells what differs and no more: with what was told it comes to what is', () => {
    fc.assert(
      fc.property(lines, lines, (told, now) => {
        const changes = changedLines(told, now);
        const left = new Map(told.map((one) => [lineText(one), [one.quantity, one.overage]]));
        for (const change of changes) {
          const [was = 0, over = 0] = left.get(lineText(change)) ?? [];
          left.set(lineText(change), [was + change.delta, over + change.overageDelta]);
          expect(change.delta !== 0 || change.overageDelta !== 0).toBe(true);
        }
        const rest = [...left].filter(([, [amount]]) => amount !== 0);
        expect(new Map(rest)).toEqual(
          new Map(now.map((one) => [lineText(one), [one.quantity, one.overage]])),
        );
      }),
    );
  });

  it('of what was told already is empty, and its order follows from what it tells', () => {
    fc.assert(
      fc.property(lines, (now) => {
        expect(changedLines(now, now)).toEqual([]);
        expect(changedLines([], [...now].reverse())).toEqual(changedLines([], now));
      }),
    );
  });
});

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
