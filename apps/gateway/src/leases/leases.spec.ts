import type { QuotaGrant } from '@tallyward/contracts';
import { LEASE_TERMS, type LimitInHand } from '@tallyward/domain';
import { LEASE_LIMITS } from './lease-limits';
import type { Lack } from './waiting-calls';
import { START, HOUR_MS, HOUR, Stage, tokens, used } from './stage.builder';

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});

describe('what is not held goes back', () => {
  it('when the process stops, and what is held stays', async () => {
    const lease = stage.lend(tokens, 100);
    stage.hold(1, tokens, 30);
    await stage.leases.stop();
    expect(stage.ofType('lease.returned')).toMatchObject([{ leases: [{ lease, total: 70 }] }]);
  });

  it('when its lease may not be spent any more', () => {
    const lease = stage.lend(tokens, 100);
    stage.passes(LEASE_TERMS.farMs);
    stage.sweep();
    expect(stage.ofType('lease.returned')).toMatchObject([{ leases: [{ lease, total: 100 }] }]);
  });

  it('once more where the log did not take it, and then no more', async () => {
    stage.isLogAway = true;
    const lease = stage.lend(tokens, 100);
    stage.tell({ type: 'lease.recalled', gateway: stage.process.id, leases: [lease] });
    stage.sweep();
    await Promise.resolve();
    stage.isLogAway = false;
    stage.sweep();
    await Promise.resolve();
    stage.sweep();
    const returned = stage.ofType('lease.returned');
    expect(returned.map(({ leases }) => leases)).toEqual([
      [{ lease, total: 100 }],
      [{ lease, total: 100 }],
    ]);
  });
});

it('leases are found by a customer who comes back after all was forgotten', () => {
  const day = { from: START, to: START + 24 * HOUR_MS };
  stage.lend(tokens, 100, day);
  stage.hold(1, tokens, 100);
  for (let quarter = 0; quarter < 12; quarter += 1) {
    stage.passes(HOUR_MS / 4);
    // Its calls meet the limit, and are refused by another one.
    stage.counter(tokens);
    stage.sweep();
    stage.sweep();
  }
  expect(stage.leases.book.knownLimits).toBe(0);
  const lease = stage.lend(tokens, 50, day);
  expect(stage.hold(2, tokens, 50).hold.parts).toMatchObject([
    { lease: { granted: { id: lease } } },
  ]);
});

it('a settlement gives nothing back of a hold or a limit that is not known any more', () => {
  stage.lend(tokens, 100);
  stage.hold(1, tokens, 100);
  const { own, book } = stage.leases;
  const [known, strange] = [stage.counter(tokens).key, 'strange'].map((name) =>
    book.limit(name, stage.now),
  ) as [LimitInHand, LimitInHand];
  expect(own.usedBy(1, used(30))(known)).toBe(30);
  expect(own.usedBy(1, used(30))(strange)).toBe(Infinity);
  expect(own.usedBy(2, used(30))(known)).toBe(Infinity);
});

describe('a hold that another gateway', () => {
  it('settled gives its rest back to its lease, once, and counts as used', () => {
    stage.lend(tokens, 100);
    stage.hold(1, tokens, 100);
    const settled = { hold: 1, ...used(30) };
    const holds = [settled];
    const told: QuotaGrant = {
      type: 'hold.settled',
      gateway: stage.process.id,
      foldedTo: 9,
      holds,
    };
    stage.tell(told);
    stage.tell(told);
    const counter = stage.counter(tokens);
    expect([counter.held, counter.settled.amount]).toEqual([0, 30]);
    expect(stage.hold(2, tokens, 70).kind).toBe('held');
    expect(() => stage.hold(3, tokens, 1)).toThrow('short');
  });

  it('settled with a model of another group gives back all of it', () => {
    stage.lend(tokens, 100);
    stage.hold(1, tokens, 100);
    const settled = { hold: 1, ...used(30), modelGroup: 'standard' };
    stage.tell({ type: 'hold.settled', gateway: stage.process.id, foldedTo: 9, holds: [settled] });
    expect(stage.hold(2, tokens, 100).kind).toBe('held');
  });

  it('released is whole again', () => {
    stage.lend(tokens, 100);
    stage.hold(1, tokens, 100);
    stage.tell({ type: 'hold.released', gateway: stage.process.id, hold: 1 });
    expect(stage.counter(tokens).held).toBe(0);
    expect(stage.hold(2, tokens, 100).kind).toBe('held');
  });
});

describe('what calls in flight hold', () => {
  it('is told once for each change, and again when they expire', () => {
    stage.lend(tokens, 100);
    stage.hold(1, tokens, 30);
    stage.sweep();
    stage.sweep();
    stage.passes(300_000);
    stage.sweep();
    stage.sweep();
    const counted = stage.ofType('hold.counted').map(({ held }) => held[0]?.held);
    expect(counted).toEqual([30, 0]);
  });

  it('is told with how long it may last', () => {
    stage.desk.meets(900_000, stage.now.monotonicMs);
    stage.lend(tokens, 100);
    stage.hold(1, tokens, 30);
    stage.sweep();
    expect(stage.ofType('hold.counted')).toMatchObject([{ lastsMs: 900_000 }]);
  });
});

describe('demand shortly before a window ends', () => {
  it('asks for the next one, once', async () => {
    stage.passes(HOUR_MS - LEASE_TERMS.aheadMs);
    stage.lend(tokens, 100);
    const { ahead } = stage.hold(1, tokens, 10);
    expect(ahead).toMatchObject([{ amount: 10, opensAt: HOUR.to }]);
    stage.leases.askAhead(stage.desk, ahead, stage.now);
    expect(stage.hold(2, tokens, 10).ahead).toEqual([]);
    stage.sweep();
    const [ask] = stage.ofType('lease.asked');
    expect(ask).toMatchObject({ opensAt: HOUR.to, wants: [{ need: 10 }], looks: false });
  });
});

describe('calls that wait', () => {
  const lackOf = (need: number, limit = tokens): Lack => ({
    wants: [{ counter: stage.counter(limit), need }],
    watches: [],
    isStranger: false,
  });
  const wait = (need: number, ttlMs = 60_000) =>
    stage.leases.wait(stage.desk, {
      lack: lackOf(need),
      ttlMs,
      since: stage.now,
      again: () => lackOf(need),
    });

  it('share one ask, which wants what all of them need', () => {
    for (let call = 0; call < 50; call += 1) void wait(10);
    stage.sweep();
    const asks = stage.ofType('lease.asked');
    expect(asks.map(({ wants }) => wants)).toMatchObject([[{ need: 10, want: 500 }]]);
  });

  it('ask at once for as much as there was left, as far as they need it', async () => {
    const counter = stage.counter(tokens);
    const { name: limit } = counter;
    const state = { limit, window: HOUR, used: 100, leased: 55, held: 0, amount: 200, overrun: 0 };
    stage.desk.told({ counters: [state], at: START, foldedTo: 0 }, stage.now);
    for (let call = 0; call < 50; call += 1) void wait(10);
    stage.sweep();
    const asks = stage.ofType('lease.asked');
    expect(asks.map(({ wants }) => wants)).toMatchObject([[{ need: 40, want: 500 }]]);
  });

  it('end late when nothing is heard for two seconds, whatever else happens', async () => {
    const waited = wait(10);
    stage.sweep();
    stage.passes(LEASE_LIMITS.waitMs);
    stage.sweep();
    // The process was held up: the answer may be there, unread.
    expect(stage.leases.waiting.size).toBe(1);
    stage.sweep();
    expect(await waited).toBe('late');
    expect(stage.leases.waiting.size).toBe(0);
  });

  it('are so many at most', async () => {
    for (let call = 0; call < LEASE_LIMITS.waitingCalls; call += 1) void wait(1);
    expect(await wait(1)).toBe('full');
  });
});
