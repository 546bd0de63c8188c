import type { SimulatedGateway } from './simulator/gateway';
import { Scene, TOKENS } from './scene.builder';

const free = ({ book }: SimulatedGateway): number =>
  [...book.inHand()].reduce((sum, lease) => sum + lease.free, 0);

describe('PROTOCOL 11: settling', () => {
  const ten = () => {
    const scene = new Scene();
    const [a, b] = [scene.gateway(), scene.gateway()];
    scene.lease(a, 10);
    const hold = scene.hold(a, 10);
    const append = (outcome: 'acked' | 'unknown' | 'failed', actual: number): void => {
      a.book.holds.settling(hold.id, a.clocks);
      a.book.holds.appended(hold.id, outcome, () => actual);
    };
    return { scene, a, b, hold, append };
  };

  it('gives back the rest once, when the log has acked it', () => {
    const { scene, a, hold } = ten();
    a.book.holds.settling(hold.id, a.clocks);
    expect(free(a)).toBe(0);
    a.book.holds.appended(hold.id, 'acked', () => 4);
    a.book.holds.appended(hold.id, 'acked', () => 4);
    expect(free(a)).toBe(6);
    const entry = scene.settlement(hold, a, 4);
    scene.fold(entry);
    scene.fold(entry);
    expect(scene.counter()).toMatchObject({ used: 4, leased: 6 });
  });

  it('settle(4) of a hold of 10 with an unknown append keeps all 10: a retry elsewhere says 10', () => {
    const { scene, a, b, hold, append } = ten();
    append('unknown', 4);
    expect(free(a)).toBe(0);
    const retry = scene.settle(hold, b, 10);
    scene.fold(retry);
    scene.fold(scene.settlement(hold, a, 4));
    expect(scene.counter()).toMatchObject({ used: 10, leased: 0 });
    expect(free(a)).toBe(0);
  });

  it('keeps all of it whatever a retry here says after an unknown append', () => {
    const { a, append } = ten();
    append('unknown', 10);
    append('acked', 4);
    expect(free(a)).toBe(0);
  });

  it('refuses a release while an append is on its way, and after an unknown one', () => {
    const { a, hold } = ten();
    a.book.holds.settling(hold.id, a.clocks);
    expect(a.book.holds.release(hold.id, a.clocks)).toBe('settled');
    a.book.holds.appended(hold.id, 'unknown', () => 4);
    expect(a.book.holds.release(hold.id, a.clocks)).toBe('settled');
    expect(free(a)).toBe(0);
  });

  it('keeps all of it when two appends are on their way at once', () => {
    const { a, hold, append } = ten();
    a.book.holds.settling(hold.id, a.clocks);
    append('acked', 4);
    expect(free(a)).toBe(0);
  });

  it('leaves the hold open when the log refused the append', () => {
    const { a, hold, append } = ten();
    append('failed', 4);
    expect(a.book.holds.release(hold.id, a.clocks)).toBe('released');
    expect(free(a)).toBe(10);
  });

  it('is answered 409 to a release once it is done', () => {
    const { a, hold, append } = ten();
    append('acked', 4);
    expect(a.book.holds.release(hold.id, a.clocks)).toBe('settled');
    expect(free(a)).toBe(6);
  });
});

describe('PROTOCOL 12: an expired hold', () => {
  const expired = () => {
    const scene = new Scene();
    const [a, b] = [scene.gateway(), scene.gateway()];
    scene.lease(a, 10);
    const hold = scene.hold(a, 10, 8_000);
    scene.passes(5_000);
    a.setWall(3_000);
    return { scene, a, b, hold };
  };

  it('is not given back by its owner: another gateway settles it in time', () => {
    const { scene, a, b, hold } = expired();
    expect(a.book.holds.release(hold.id, a.clocks)).toBe('expired');
    a.book.sweep(a.clocks);
    expect(scene.now).toBeLessThan(hold.expiresAt);
    scene.fold(scene.settle(hold, b, 10));
    expect(free(a)).toBe(0);
    expect(scene.tryHold(a, 1).kind).toBe('short');
  });

  it('gives back nothing when it is settled late at its owner', () => {
    const { scene, a, hold } = expired();
    scene.settle(hold, a, 4);
    expect(free(a)).toBe(0);
  });

  it('is freed by reclaim alone', () => {
    const { scene, a } = expired();
    scene.passes(60_000);
    expect(a.book.sweep(a.clocks)).toEqual([]);
    scene.reclaim();
    expect(scene.counter().leased).toBe(10);
    scene.reclaim();
    expect(scene.counter().leased).toBe(0);
  });
});

describe('PROTOCOL 12: a release', () => {
  it('gives the hold back at its owner, once, and nowhere else', () => {
    const scene = new Scene();
    const [a, b] = [scene.gateway(), scene.gateway()];
    scene.lease(a, 10);
    const { id } = scene.hold(a, 10);
    expect(b.book.holds.release(id, b.clocks)).toBe('not-here');
    expect(free(a)).toBe(0);
    expect(a.book.holds.release(id, a.clocks)).toBe('released');
    expect(a.book.holds.release(id, a.clocks)).toBe('released');
    expect(free(a)).toBe(10);
  });

  it('makes what is settled afterwards use without a hold: counted, and no lease owes for it', () => {
    const scene = new Scene();
    const a = scene.gateway();
    scene.lease(a, 10);
    const hold = scene.hold(a, 10);
    a.book.holds.release(hold.id, a.clocks);
    scene.return(a.book.giveUp('all'));
    scene.fold(scene.settle(hold, a, 10));
    expect(scene.counter()).toMatchObject({ used: 10, leased: 0 });
    expect(free(a)).toBe(0);
  });

  it('is told what became of its hold for the latest alone: those that are done take no room', () => {
    const scene = new Scene({ [TOKENS]: 30_000 });
    const a = scene.gateway();
    scene.lease(a, 30_000);
    const released = Array.from({ length: 30_000 }, () => {
      const { id } = scene.hold(a, 1);
      a.book.holds.release(id, a.clocks);
      return id;
    });
    expect(a.book.holds.size).toBe(0);
    expect(free(a)).toBe(30_000);
    expect(a.book.holds.release(released.at(-10_000) ?? '', a.clocks)).toBe('released');
    expect(a.book.holds.release(released[0] ?? '', a.clocks)).toBe('not-here');
  });
});
