import { MARGIN_MS, reclaimableFrom } from './ledger';
import { HOUR_END, Scene, TOKENS } from './scene.builder';

const untouched = { granted: 100, returned: 0, settled: 0, open: true };

describe('PROTOCOL 15: reclaim', () => {
  const past = (length: number): number => MARGIN_MS + Math.ceil(length * 0.003);

  it('waits for settleUntil and a margin, then for the fold to be where the log ended then', () => {
    const scene = new Scene();
    const lease = scene.lease(scene.gateway(), 100);
    scene.passes(lease.settleUntil - scene.now + past(30_000) - 1);
    scene.reclaim(9, 9);
    scene.passes(1);
    scene.reclaim(0, 7);
    expect(scene.reclaim(6, 9)).toBe(0);
    expect(scene.counter().leased).toBe(100);
    expect(scene.reclaim(7, 9)).toBe(1);
    expect(scene.counter().leased).toBe(0);
    expect(scene.reclaim(9, 9)).toBe(0);
  });

  it('frees what was granted less what came back and what was settled', () => {
    const scene = new Scene();
    const a = scene.gateway();
    const { id } = scene.lease(a, 60);
    scene.fold(scene.settle(scene.hold(a, 30), a, 20));
    scene.hold(a, 30);
    scene.return(a.book.recalled([id]));
    expect(scene.counter()).toMatchObject({ used: 20, leased: 30 });
    scene.passes(60_000);
    scene.reclaim();
    scene.reclaim();
    expect(scene.counter()).toMatchObject({ used: 20, leased: 0 });
  });

  it('waits the margin again after an outage of the log, and knows no end during one', () => {
    const scene = new Scene();
    const lease = scene.lease(scene.gateway(), 100);
    scene.passes(60_000);
    scene.reclaim(0, null);
    expect(scene.reclaim(0, null)).toBe(0);
    const backAt = scene.now;
    scene.passes(past(30_000) - 1);
    scene.reclaim(0, 3, backAt);
    expect(scene.reclaim(9, 9, backAt)).toBe(0);
    expect(reclaimableFrom({ ...lease, gateway: '', ...untouched }, backAt)).toBe(scene.now + 1);
    scene.passes(1);
    scene.reclaim(3, 3, backAt);
    expect(scene.reclaim(3, 3, backAt)).toBe(1);
  });

  it('leaves a call in flight its whole time by a clock that is 3 per mille slow', () => {
    const scene = new Scene({ [TOKENS]: 100 }, HOUR_END - 1_800_000, { farMs: 600_000 });
    const a = scene.gateway(-3);
    const { settleUntil } = scene.lease(a, 10, { longestMs: 900_000 });
    scene.passes(601_500);
    const { id } = scene.hold(a, 10, 900_000);
    scene.passes(settleUntil - scene.now);
    for (let tries = 0; tries < 200 && scene.reclaim() === 0; tries++) scene.passes(100);
    expect(a.book.holds.isOpen(id, a.clocks)).toBe(false);
    expect(scene.now).toBeGreaterThan(settleUntil + 4_000);
  });

  it('frees what a crashed gateway held, its holds and its unspent rest alike', () => {
    const scene = new Scene();
    const [a, b] = [scene.gateway(), scene.gateway()];
    scene.lease(a, 100);
    scene.hold(a, 40);
    scene.passes(30_000 + past(30_000));
    scene.reclaim();
    scene.reclaim();
    expect(scene.answerTo(scene.ask(b, 100)).kind).toBe('granted');
  });
});
