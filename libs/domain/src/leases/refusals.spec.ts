import { HELD_LASTS_MS, USED_UP_LASTS_MS } from './limit-in-hand';
import { Scene, TOKENS } from './scene.builder';
import { TradingScene } from './scene-trade.builder';

describe('PROTOCOL 6: held and used up', () => {
  it('demand that moves from gateway A to B near the limit sells 99 % at least', () => {
    const scene = new TradingScene({ [TOKENS]: 1_000 }, undefined, { share: 4 });
    const [a, b] = [scene.gateway(), scene.gateway()];
    for (let calls = 0; calls < 900; calls++) {
      const hold = scene.call(a, 1, 200);
      if (typeof hold !== 'string') scene.fold(scene.settle(hold, a, 1));
    }
    expect(scene.counter()).toMatchObject({ used: 900 });
    expect(scene.counter().leased).toBeGreaterThan(0);
    expect(scene.sell(b, 1, 1)).toBeGreaterThanOrEqual(90);
    expect(scene.counter().used).toBeGreaterThanOrEqual(990);
  });

  it('an empty lease is a reason to ask, never to say used up', () => {
    const scene = new Scene();
    const a = scene.gateway();
    scene.lease(a, 10);
    scene.hold(a, 10);
    expect(scene.tryHold(a, 1)).toEqual({ kind: 'short', limits: [TOKENS] });
  });

  it('where only leases are in the way it is held, where use is it is used up', () => {
    const scene = new Scene();
    const a = scene.gateway();
    scene.lease(a, 100);
    expect(scene.answerTo(scene.ask(a, 1))).toMatchObject({ shortages: [{ reason: 'held' }] });
    scene.fold(scene.settle(scene.hold(a, 60), a, 60));
    expect(scene.answerTo(scene.ask(a, 40))).toMatchObject({ shortages: [{ reason: 'held' }] });
    expect(scene.answerTo(scene.ask(a, 41))).toMatchObject({ shortages: [{ reason: 'used-up' }] });
  });

  it('what is held of a recalled lease follows as soon as it is free, and is not spent again', () => {
    const scene = new Scene();
    const a = scene.gateway();
    const { id } = scene.lease(a, 100);
    const hold = scene.hold(a, 30);
    expect(a.book.recalled([id])).toEqual([{ lease: id, total: 70 }]);
    scene.settle(hold, a, 10);
    expect(scene.tryHold(a, 1).kind).toBe('short');
    expect(a.book.sweep(a.clocks)).toEqual([{ lease: id, total: 90 }]);
  });

  it('a lease is given back at spendUntil, on a stop and on a kill switch, but for what is held', () => {
    const scene = new Scene();
    const a = scene.gateway();
    const spent = scene.lease(a, 10);
    scene.hold(a, 4);
    scene.passes(20_000);
    expect(a.book.sweep(a.clocks)).toEqual([{ lease: spent.id, total: 6 }]);
    expect(a.book.sweep(a.clocks)).toEqual([]);
    const killed = scene.lease(a, 10);
    scene.hold(a, 3);
    expect(a.book.giveUp([TOKENS])).toEqual([{ lease: killed.id, total: 7 }]);
    const stopped = scene.lease(a, 10);
    scene.hold(a, 2);
    expect(a.book.giveUp('all')).toEqual([{ lease: stopped.id, total: 8 }]);
  });
});

describe('PROTOCOL 6: a cached no', () => {
  const refused = (need = 1) => {
    const scene = new Scene();
    const [a, b] = [scene.gateway(), scene.gateway()];
    const lease = scene.lease(a, 100);
    scene.hold(a, 60);
    const ask = scene.ask(b, need);
    b.book.answered(ask.id, scene.answerTo(ask), b.clocks);
    return { scene, a, b, lease };
  };

  it('answers calls that need as much, and lets smaller ones ask', () => {
    const { scene, b } = refused(10);
    const shortages = [{ limit: TOKENS, reason: 'held', used: 0, leased: 100, amount: 100 }];
    expect(scene.tryHold(b, 10)).toMatchObject({ kind: 'refused', shortages });
    expect(scene.tryHold(b, 9).kind).toBe('short');
  });

  it('is dropped when a return lands', () => {
    const { scene, a, b } = refused();
    expect(scene.tryHold(b, 1).kind).toBe('refused');
    scene.return(a.book.giveUp('all'));
    b.book.freed([TOKENS]);
    expect(scene.tryHold(b, 1).kind).toBe('short');
  });

  it('is dropped when a recall lands', () => {
    const { scene, a, lease } = refused();
    const ask = scene.ask(a, 50);
    a.book.answered(ask.id, scene.answerTo(ask), a.clocks);
    expect(scene.tryHold(a, 50).kind).toBe('refused');
    a.book.recalled([lease.id]);
    expect(scene.tryHold(a, 50).kind).toBe('short');
  });

  it('stands when a recall frees nothing: all of it is held here', () => {
    const scene = new Scene();
    const a = scene.gateway();
    const lease = scene.lease(a, 100);
    scene.hold(a, 100);
    const ask = scene.ask(a, 1);
    a.book.answered(ask.id, scene.answerTo(ask), a.clocks);
    expect(a.book.recalled([lease.id])).toEqual([]);
    expect(scene.tryHold(a, 1)).toMatchObject({ shortages: [{ reason: 'held' }] });
  });

  it('lapses by itself, should the message be lost', () => {
    const { scene, b } = refused();
    scene.passes(HELD_LASTS_MS);
    expect(scene.tryHold(b, 1).kind).toBe('short');
  });

  it('says used up until the window ends, and not beyond', () => {
    const scene = new Scene({ [TOKENS]: 10 });
    const a = scene.gateway();
    scene.lease(a, 10);
    scene.fold(scene.settle(scene.hold(a, 10), a, 10));
    scene.passes(scene.counter().window.to - scene.now - USED_UP_LASTS_MS / 2);
    const ask = scene.ask(a, 1);
    a.book.answered(ask.id, scene.answerTo(ask), a.clocks);
    scene.passes(USED_UP_LASTS_MS / 2 - 1);
    expect(scene.tryHold(a, 1)).toMatchObject({ shortages: [{ reason: 'used-up' }] });
    scene.passes(1);
    expect(scene.tryHold(a, 1).kind).toBe('short');
  });

  it('of the next window says nothing of this one', () => {
    const scene = new Scene();
    const [a, b] = [scene.gateway(), scene.gateway()];
    const opensAt = scene.counter().window.to;
    scene.passes(opensAt - scene.now - 4_000);
    scene.lease(b, 100, { opensAt });
    const ask = scene.ask(a, 1, { opensAt });
    const answer = scene.answerTo(ask);
    expect(answer.kind).toBe('refused');
    a.book.answered(ask.id, answer, a.clocks);
    expect(scene.tryHold(a, 1).kind).toBe('short');
  });
});
