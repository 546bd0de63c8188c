import { decideGrant, LEASE_TERMS, type CounterLine } from './grant';
import { HOUR_END, hourOf, Scene, SCENE_TERMS, TOKENS } from './scene.builder';

const counter = (more: Partial<CounterLine> = {}): CounterLine => {
  const line = { id: 'c', limit: TOKENS, window: hourOf(HOUR_END), used: 0, leased: 0 };
  return { ...line, amount: 1_000_000, ...more };
};
const grant = (need: number, want: number, more: Partial<CounterLine>, longestMs = 300_000) => {
  const wants = [{ limit: TOKENS, need, want }];
  const ask = { id: 'a', gateway: 'g', wants, longestMs, opensAt: null };
  return decideGrant(ask, [counter(more)], LEASE_TERMS);
};

describe('PROTOCOL 4: a lease', () => {
  it('never spans the end of any window that it draws on', () => {
    const scene = new Scene({ [TOKENS]: 100 }, HOUR_END - 3_000);
    const { spendUntil, settleUntil } = scene.lease(scene.gateway(), 10, { longestMs: 7_000 });
    expect([spendUntil, settleUntil]).toEqual([HOUR_END, HOUR_END + 7_000]);
  });

  it('carries no hold for longer than it was asked for', () => {
    const scene = new Scene();
    const a = scene.gateway();
    scene.lease(a, 10, { longestMs: 5_000 });
    expect(scene.tryHold(a, 1, 5_001)).toEqual({ kind: 'short', limits: [TOKENS] });
    expect(scene.tryHold(a, 1, 5_000).kind).toBe('held');
  });

  it('is of its own for a call that wants longer than usual', () => {
    expect(grant(10, 50, {}, 300_001)).toMatchObject({ slices: [10] });
    expect(grant(10, 50, {}, 300_000)).toMatchObject({ slices: [50] });
  });

  it('of the next window is asked for ahead, once, and not spent before its start', () => {
    const scene = new Scene({ [TOKENS]: 100 }, HOUR_END - 10_000);
    const a = scene.gateway();
    scene.lease(a, 10);
    expect(scene.tryHold(a, 1)).toMatchObject({ kind: 'held', ahead: [] });
    scene.passes(5_000);
    const ahead = [{ limit: TOKENS, amount: 2, opensAt: HOUR_END }];
    expect(scene.tryHold(a, 2)).toMatchObject({ kind: 'held', ahead });
    const next = scene.lease(a, 100, { opensAt: HOUR_END });
    expect(next.window).toEqual(hourOf(HOUR_END));
    expect(scene.tryHold(a, 1)).toMatchObject({ kind: 'held', ahead: [] });
    expect(scene.tryHold(a, 8).kind).toBe('short');
    scene.passes(4_999);
    expect(scene.tryHold(a, 8).kind).toBe('short');
    scene.passes(1);
    expect(scene.hold(a, 100).admittedAt).toBe(HOUR_END);
    expect(scene.counter(TOKENS, HOUR_END).leased).toBe(100);
  });

  it('lasts from the start of the window that it was asked ahead for', () => {
    const scene = new Scene({ [TOKENS]: 100 }, HOUR_END - 4_000);
    const { issuedAt, spendUntil } = scene.lease(scene.gateway(), 10, { opensAt: HOUR_END });
    expect([issuedAt, spendUntil]).toEqual([HOUR_END - 4_000, HOUR_END + SCENE_TERMS.farMs]);
  });

  it('is not granted for a window that is far away', () => {
    const scene = new Scene({ [TOKENS]: 100 }, HOUR_END - 600_000);
    const { window } = scene.lease(scene.gateway(), 10, { opensAt: HOUR_END });
    expect(window).toEqual(hourOf(HOUR_END - 1));
  });
});

describe('PROTOCOL 5: leases', () => {
  it('are large and long far from the amount', () => {
    expect(grant(10, 5_000, {})).toMatchObject({ slices: [5_000], lengthsMs: [600_000] });
  });

  it('are smaller and shorter the nearer the amount, so that others find some too', () => {
    expect(grant(10, 1_000, { used: 998_000 })).toMatchObject({
      slices: [500],
      lengthsMs: [120_000],
    });
    expect(grant(10, 1_000, { used: 999_960 })).toMatchObject({ slices: [10], lengthsMs: [6_000] });
    expect(grant(1, 1_000, { used: 999_998 })).toMatchObject({ slices: [1], lengthsMs: [5_000] });
  });

  it('are short where they are a large part of what is left: a crash strands it for so long', () => {
    const lengthOf = (slice: number) => grant(slice, slice, { amount: 1_000 });
    expect(lengthOf(50)).toMatchObject({ slices: [50], lengthsMs: [600_000] });
    expect(lengthOf(100)).toMatchObject({ slices: [100], lengthsMs: [300_000] });
    expect(lengthOf(1_000)).toMatchObject({ slices: [1_000], lengthsMs: [30_000] });
    const last = grant(10, 10, { amount: 1_000, used: 990 });
    expect(last).toMatchObject({ slices: [10], lengthsMs: [30_000] });
  });

  it('are short where the amount is near, and long where it is far, in one ask', () => {
    const wants = ['near', 'far'].map((limit) => ({ limit, need: 1, want: 100 }));
    const ask = { id: 'a', gateway: 'g', wants, longestMs: 1_000, opensAt: null };
    const counters = [counter({ used: 999_900 }), counter()];
    expect(decideGrant(ask, counters, LEASE_TERMS)).toMatchObject({
      slices: [25, 100],
      lengthsMs: [120_000, 600_000],
    });
  });

  it('give the last slice call by call, to the last unit', () => {
    const scene = new Scene({ [TOKENS]: 10 }, undefined, { share: 4 });
    const a = scene.gateway();
    const slices: number[] = [];
    for (let n = 0; n < 20; n++) {
      const answer = scene.answerTo(scene.ask(a, 1, { want: 8 }));
      if (answer.kind === 'granted') slices.push(answer.leases[0]?.amount ?? 0);
    }
    expect(slices).toEqual([2, 2, 1, 1, 1, 1, 1, 1]);
  });

  it('are sized by what a gateway took lately, not asked for by every call of quiet customers', () => {
    const scene = new Scene({ [TOKENS]: 1_000_000 });
    const a = scene.gateway();
    expect(a.book.want(TOKENS, 10, 600_000, a.clocks)).toBe(80);
    scene.lease(a, 10_000);
    for (let n = 0; n < 10; n++) {
      scene.hold(a, 1_000);
      scene.passes(1_000);
    }
    expect(a.book.want(TOKENS, 10, 600_000, a.clocks)).toBe(600_000);
    scene.passes(1_200_000);
    expect(a.book.want(TOKENS, 10, 600_000, a.clocks)).toBeLessThan(6_000);
  });
});
