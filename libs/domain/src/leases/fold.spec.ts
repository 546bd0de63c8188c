import { overrunOf, payFromLeases } from './ledger';
import { Scene, TOKENS } from './scene.builder';
import { TradingScene } from './scene-trade.builder';

describe('PROTOCOL 13: folding a settlement', () => {
  it('moves what was held of it from leased to used', () => {
    const scene = new Scene();
    const a = scene.gateway();
    const { id } = scene.lease(a, 100);
    scene.fold(scene.settle(scene.hold(a, 10), a, 4));
    expect(scene.counter()).toMatchObject({ used: 4, leased: 96 });
    expect(scene.postgres.leaseOf(id)).toMatchObject({ settled: 4, open: true });
  });

  it('counts the whole of an actual above its hold, and takes from the lease the hold alone', () => {
    const scene = new Scene();
    const a = scene.gateway();
    scene.lease(a, 100);
    scene.fold(scene.settle(scene.hold(a, 10), a, 15));
    expect(scene.counter()).toMatchObject({ used: 15, leased: 90 });
  });

  it('counts a late settlement whole, and takes nothing from its closed lease', () => {
    const scene = new Scene();
    const a = scene.gateway();
    const { id } = scene.lease(a, 10);
    const hold = scene.hold(a, 10);
    scene.passes(60_000);
    scene.reclaim();
    scene.reclaim();
    expect(scene.postgres.fold(scene.settlement(hold, a, 10))).toMatchObject({ isLate: true });
    expect(scene.counter()).toMatchObject({ used: 10, leased: 0 });
    expect(scene.postgres.leaseOf(id)).toMatchObject({ settled: 0, open: false });
  });

  it('takes nothing from a lease below what is left of it', () => {
    const scene = new Scene();
    const a = scene.gateway();
    const { id } = scene.lease(a, 10);
    const hold = scene.hold(a, 10);
    scene.return([{ lease: id, total: 7 }]);
    scene.fold(scene.settle(hold, a, 10));
    expect(scene.counter()).toMatchObject({ used: 10, leased: 0 });
  });

  it('counts by the model used: a counter that the hold does not name has it without a hold', () => {
    const scene = new Scene({ premium: 100, standard: 100 });
    const a = scene.gateway();
    scene.lease(a, 10, { limit: 'premium' });
    const hold = scene.hold(a, 10, 10_000, 'premium');
    const used = new Map([['standard', 8]]);
    scene.fold({ ...scene.settlement(hold, a, 0), used });
    expect(scene.counter('premium')).toMatchObject({ used: 0, leased: 10 });
    expect(scene.counter('standard')).toMatchObject({ used: 8, leased: 0 });
  });

  it('pays parts in their order, and says what nothing covered', () => {
    const times = { issuedAt: 0, spendUntil: 1, settleUntil: 2 };
    const lease = (id: string, open: boolean) => {
      const what = { id, gateway: 'g', counter: 'c', granted: 10, returned: 0, settled: 0 };
      return { ...what, open, ...times };
    };
    const leases = new Map([
      ['x', lease('x', true)],
      ['y', lease('y', false)],
    ]);
    const parts = ['x', 'y', 'gone'].map((id) => ({ lease: id, amount: 5 }));
    const { changes, uncovered } = payFromLeases(12, parts, (id) => leases.get(id));
    expect(changes.map(({ freed }) => freed)).toEqual([5, 0]);
    expect(uncovered).toBe(7);
  });

  it('flags as overrun what is uncovered and passes the amount beside what others were leased', () => {
    const after = { used: 95, leased: 10, amount: 100 };
    expect(overrunOf(20, after)).toBe(5);
    expect(overrunOf(3, after)).toBe(3);
    expect(overrunOf(20, { ...after, leased: 5 })).toBe(0);
    expect(overrunOf(0, { ...after, used: 200 })).toBe(0);
  });
});

describe('PROTOCOL 14: settled elsewhere', () => {
  it('all settlements at a non-owner sell 99 % at least', () => {
    const scene = new TradingScene({ [TOKENS]: 1_000 }, undefined, { share: 4 });
    const [owner, other] = [scene.gateway(), scene.gateway()];
    const sold = scene.sell(owner, 10, 1, other);
    expect(scene.counter().used).toBe(sold);
    expect(sold).toBeGreaterThanOrEqual(990);
  });

  it('gives the owner the rest once, however often it is told', () => {
    const scene = new Scene();
    const [a, b] = [scene.gateway(), scene.gateway()];
    scene.lease(a, 10);
    const hold = scene.hold(a, 10);
    scene.fold(scene.settle(hold, b, 4));
    a.book.holds.settledElsewhere(hold.id, () => 4);
    expect([...a.book.inHand()][0]?.free).toBe(6);
  });

  it('says nothing to the gateway that appended it', () => {
    const scene = new Scene();
    const a = scene.gateway();
    scene.lease(a, 10);
    const entry = scene.settlement(scene.hold(a, 10), a, 4);
    expect(scene.postgres.fold(entry)?.owners.size).toBe(0);
  });
});

describe('PROTOCOL 16: a rebuild', () => {
  it('folds the log anew and leaves leases alone', () => {
    const scene = new Scene();
    const a = scene.gateway();
    scene.lease(a, 100);
    const entries = [4, 10, 13].map((actual) => scene.settle(scene.hold(a, 10), a, actual));
    for (const entry of entries) scene.fold(entry);
    const { used, leased } = scene.counter();
    expect([used, leased]).toEqual([27, 76]);
    const fresh = new Scene();
    for (const entry of [...entries, ...entries]) fresh.postgres.fold(entry);
    expect(fresh.counter()).toMatchObject({ used, leased: 0 });
    expect([...scene.postgres.open.values()][0]).toMatchObject({ settled: 24, returned: 0 });
  });
});
