import { limitOf } from '@tallyward/contracts';
import type { Span } from '@tallyward/domain';
import { countedHolds } from '../leases/counted-holds';
import { CustomerDesk } from '../leases/customer-desk';
import { OwnHolds } from '../leases/own-holds';
import { aTierLimit } from './decide.builder';
import { knownOf, windowOf } from './limit-states';
import { LimitWindows } from './limit-windows';

const START = Date.parse('2026-11-22T10:00:00Z');
const HOUR_MS = 3_600_000;
const FRAME = { timeZone: 'UTC', billingAnchor: 0 };
const windows = new LimitWindows();
const limit = limitOf(aTierLimit({ window: 'minute', onLimit: 'allow', amount: 5 }));

/** One gateway's holds of one limit, at instants after START. */
function holds() {
  const desk = new CustomerDesk('demo', 'acme');
  const counter = desk.counter(limit, 'acme');
  const own = new OwnHolds();
  const reading = (ms: number) => ({ monotonicMs: ms, wallMs: START + ms });
  const addIn = (number: number, window: Span, ms = 0) => {
    const held = { counters: [counter], needs: [1], windows: [window], ttlMs: 300_000 };
    own.add(number, { ...held, since: reading(ms) });
  };
  return {
    own,
    reading,
    counter,
    addIn,
    add: (number: number, ms: number) =>
      addIn(number, windowOf(counter, windows, FRAME, START + ms), ms),
    held: (ms: number) => knownOf(counter, windows, FRAME, START + ms).held,
    counted: () => countedHolds(own.changed, 'g', 9).flatMap(({ held }) => held),
  };
}

describe('what calls in flight hold of a window', () => {
  it('is nothing in the next one, also when they end there', () => {
    const { own, add, held } = holds();
    for (const number of [1, 2, 3, 4]) add(number, 59_000);
    expect([held(59_000), held(60_000)]).toEqual([4, 0]);
    add(5, 60_000);
    expect(held(60_000)).toBe(1);
    own.released(1);
    expect(held(60_000)).toBe(1);
    own.released(5);
    expect(held(60_000)).toBe(0);
  });

  it('counts on in a window that overlaps it, when the zone has moved', () => {
    const { own, addIn, counter } = holds();
    const day = (from: number) => ({ from, to: from + 24 * HOUR_MS });
    for (const number of [1, 2]) addIn(number, day(0));
    addIn(3, day(11 * HOUR_MS));
    expect(counter.held).toBe(3);
    own.released(1);
    own.released(3);
    expect(counter.held).toBe(1);
    addIn(4, day(48 * HOUR_MS));
    own.released(2);
    expect(counter.held).toBe(1);
  });

  it('never goes below nothing where the zone moves soon after a window has begun', () => {
    const { own, addIn, counter, counted } = holds();
    const hour = (from: number) => ({ from: from * HOUR_MS, to: (from + 1) * HOUR_MS });
    for (const number of [1, 2, 3, 4, 5, 6]) addIn(number, hour(0));
    addIn(7, hour(1));
    addIn(8, hour(0.75));
    for (const number of [1, 2, 3, 4, 5, 6]) own.released(number);
    expect(counter.held).toBe(2);
    expect(counted()).toMatchObject([{ held: 2 }]);
  });

  it('is given back, and taken from no sum that it is not in', () => {
    const { own, addIn, counter } = holds();
    const hour = (from: number) => ({ from: from * HOUR_MS, to: (from + 1) * HOUR_MS });
    for (const number of [1, 2, 3]) addIn(number, hour(0));
    addIn(4, hour(0.75));
    addIn(5, hour(1));
    for (const number of [1, 2, 3]) own.released(number);
    expect(counter.held).toBe(2);
  });

  it('is told to entitlement as of now: nothing, once the window is over', () => {
    const { own, add, counted, reading } = holds();
    add(1, 59_000);
    expect(counted()).toMatchObject([{ held: 1 }]);
    own.sweep(reading(59_900), START + 59_900);
    expect(counted()).toEqual([]);
    own.sweep(reading(60_000), START + 60_000);
    own.sweep(reading(60_000), START + 60_000);
    expect(counted()).toMatchObject([{ held: 0 }]);
    own.released(1);
    expect(counted()).toEqual([]);
  });
});
