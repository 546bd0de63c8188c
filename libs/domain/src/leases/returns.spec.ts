import { Scene } from './scene.builder';

describe('PROTOCOL 7: a return', () => {
  const withUse = () => {
    const scene = new Scene();
    const a = scene.gateway();
    const { id } = scene.lease(a, 100);
    const entry = scene.settle(scene.hold(a, 30), a, 20);
    return { scene, a, id, entry };
  };

  it('that races settlements in flight comes to the same in either order', () => {
    for (const first of ['return', 'fold'] as const) {
      const { scene, a, id, entry } = withUse();
      const returns = a.book.recalled([id]);
      expect(returns).toEqual([{ lease: id, total: 80 }]);
      if (first === 'fold') scene.fold(entry);
      scene.return(returns);
      expect(scene.counter().leased).toBe(first === 'fold' ? 0 : 20);
      if (first === 'return') scene.fold(entry);
      expect(scene.counter()).toMatchObject({ used: 20, leased: 0 });
    }
  });

  it('that is delivered twice counts once', () => {
    const { scene, a, id } = withUse();
    const returns = a.book.recalled([id]);
    scene.return([...returns, ...returns]);
    expect(scene.counter().leased).toBe(20);
  });

  it('that is overtaken by a later one changes nothing', () => {
    const { scene, id } = withUse();
    scene.return([
      { lease: id, total: 70 },
      { lease: id, total: 40 },
    ]);
    expect(scene.counter().leased).toBe(30);
  });

  it('frees no more than is left, and nothing of a closed lease', () => {
    const { scene, id, entry } = withUse();
    scene.fold(entry);
    scene.return([{ lease: id, total: 100 }]);
    expect(scene.counter()).toMatchObject({ used: 20, leased: 0 });
    const a = scene.gateway();
    const other = scene.lease(a, 80);
    scene.passes(60_000);
    scene.reclaim();
    expect(scene.reclaim()).toBeGreaterThan(0);
    scene.return([{ lease: other.id, total: 80 }]);
    expect(scene.counter().leased).toBe(0);
  });

  it('never closes a lease: what is settled of it later is still in time', () => {
    const scene = new Scene();
    const a = scene.gateway();
    const { id } = scene.lease(a, 10);
    const hold = scene.hold(a, 10);
    scene.return(a.book.giveUp('all'));
    scene.return([{ lease: id, total: 0 }]);
    expect(scene.postgres.leaseOf(id)?.open).toBe(true);
    scene.fold(scene.settle(hold, a, 10));
    expect(scene.counter()).toMatchObject({ used: 10, leased: 0 });
  });
});

describe('a sweep', () => {
  it('forgets what nobody uses any more: leases, holds and quiet limits', () => {
    const scene = new Scene();
    const a = scene.gateway();
    scene.lease(a, 10);
    scene.hold(a, 10);
    expect([a.book.knownLimits, a.book.holds.size, a.book.asks.size]).toEqual([1, 1, 0]);
    scene.passes(60_000);
    a.book.sweep(a.clocks);
    expect([[...a.book.inHand()].length, a.book.holds.size]).toEqual([0, 0]);
    scene.passes(1_200_000);
    a.book.sweep(a.clocks);
    expect(a.book.knownLimits).toBe(0);
  });

  it('looks at a bounded number, and in the end at all of them', () => {
    const limits = Array.from({ length: 2_500 }, (_, n) => `limit ${n}`);
    const scene = new Scene(Object.fromEntries(limits.map((limit) => [limit, 10])));
    const a = scene.gateway();
    for (const limit of limits) scene.lease(a, 1, { limit });
    scene.passes(20_000);
    const returned = [1, 2, 3].map(() => a.book.sweep(a.clocks).length);
    expect(returned).toEqual([1_000, 1_000, 500]);
  });
});
