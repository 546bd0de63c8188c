import { isSpent } from './lease-in-hand';
import { HOUR_END, Scene, TOKENS } from './scene.builder';

describe('a counter', () => {
  it('keeps what is used and leased when the tier changes: v1 to v2 while a gateway holds all of v1', () => {
    const scene = new Scene();
    const [a, b] = [scene.gateway(), scene.gateway()];
    scene.lease(a, 100);
    scene.hold(a, 40);
    scene.postgres.setAmount(scene.postgres.limit(TOKENS), 60);
    expect(scene.answerTo(scene.ask(b, 1))).toMatchObject({
      kind: 'refused',
      shortages: [{ reason: 'held', used: 0, leased: 100, amount: 60 }],
    });
    scene.return(a.book.giveUp([TOKENS]));
    expect(scene.answerTo(scene.ask(b, 21)).kind).toBe('refused');
    expect(scene.answerTo(scene.ask(b, 20)).kind).toBe('granted');
    expect(scene.tryHold(a, 1).kind).toBe('short');
  });

  it('is used up to the older amount while its older lease lasts, and sells nothing beside', () => {
    const scene = new Scene();
    const [a, b] = [scene.gateway(), scene.gateway()];
    scene.lease(a, 100);
    scene.postgres.setAmount(scene.postgres.limit(TOKENS), 60);
    scene.fold(scene.settle(scene.hold(a, 100), a, 100));
    expect(scene.counter()).toMatchObject({ used: 100, leased: 0, amount: 60 });
    expect(scene.answerTo(scene.ask(b, 1))).toMatchObject({ shortages: [{ reason: 'used-up' }] });
  });
});

describe('PROTOCOL 1: a grant', () => {
  it('is made once of the last units by two instances that both read them free', () => {
    const scene = new Scene();
    const [a, b] = [scene.gateway(), scene.gateway()];
    const plans = [a, b].map((gateway) => scene.postgres.plan(scene.ask(gateway, 60), scene.now));
    expect(plans.map(({ decision }) => decision.kind)).toEqual(['granted', 'granted']);
    const answers = plans.map((plan) => scene.postgres.commit(plan));
    expect(answers.map((answer) => answer?.kind ?? 'plan anew')).toEqual(['granted', 'plan anew']);
    expect(scene.counter().leased).toBe(60);
  });

  it('takes from all counters of the ask, or from none', () => {
    const scene = new Scene({ calls: 10, tokens: 100 });
    const a = scene.gateway();
    const wants = [
      { limit: 'calls', need: 1, want: 5 },
      { limit: 'tokens', need: 101, want: 101 },
    ];
    const ask = { id: 'ask', gateway: a.id, wants, longestMs: 1_000, opensAt: null };
    expect(scene.answerTo(ask)).toMatchObject({ shortages: [{ limit: 'tokens' }] });
    expect([scene.counter('calls').leased, scene.counter('tokens').leased]).toEqual([0, 0]);
  });

  it("has one clock's deadlines whichever of two instances 3 s apart wrote it", () => {
    const scene = new Scene();
    const [fast, slow] = [scene.gateway(0, 3_000), scene.gateway(0, -3_000)];
    const one = scene.lease(fast, 50);
    const other = scene.lease(slow, 50);
    expect(other).toMatchObject({ issuedAt: one.issuedAt, spendUntil: one.spendUntil });
    scene.passes(one.spendUntil - scene.now - 1);
    expect([scene.tryHold(fast, 1).kind, scene.tryHold(slow, 1).kind]).toEqual(['held', 'held']);
    scene.passes(1);
    expect([scene.tryHold(fast, 1).kind, scene.tryHold(slow, 1).kind]).toEqual(['short', 'short']);
  });
});

describe('PROTOCOL 2: an ask', () => {
  it('that is repeated gets the answer it got before', () => {
    const scene = new Scene();
    const ask = scene.ask(scene.gateway(), 10);
    const first = scene.answerTo(ask);
    scene.passes(5_000);
    expect(scene.answerTo(ask)).toBe(first);
    expect(scene.counter().leased).toBe(10);
  });

  it('that was refused stays refused when it is repeated after all came back', () => {
    const scene = new Scene();
    const a = scene.gateway();
    scene.lease(a, 100);
    const ask = scene.ask(a, 1);
    expect(scene.answerTo(ask).kind).toBe('refused');
    scene.return(a.book.giveUp('all'));
    expect(scene.answerTo(ask).kind).toBe('refused');
  });

  it('has its grant taken once, though it is delivered twice', () => {
    const scene = new Scene();
    const a = scene.gateway();
    const ask = scene.ask(a, 10);
    const answer = scene.answerTo(ask);
    expect(a.book.answered(ask.id, answer, a.clocks)).toEqual([]);
    expect(a.book.answered(ask.id, answer, a.clocks)).toBeNull();
    expect(scene.tryHold(a, 11).kind).toBe('short');
  });

  it('has its grant left alone by a restarted namesake', () => {
    const scene = new Scene();
    const ask = scene.ask(scene.gateway(), 10);
    const namesake = scene.gateway();
    expect(namesake.book.answered(ask.id, scene.answerTo(ask), namesake.clocks)).toBeNull();
    expect(scene.tryHold(namesake, 1).kind).toBe('short');
  });
});

describe('PROTOCOL 3: deadlines count from the first sending', () => {
  it('an ask resent after 20 s is the same ask, and its grant arrives spent and goes back', () => {
    const scene = new Scene();
    const a = scene.gateway();
    const ask = scene.ask(a, 10);
    scene.passes(20_000);
    expect(a.book.asks.due(a.clocks)).toEqual([ask]);
    expect(a.book.asks.due(a.clocks)).toEqual([]);
    const returns = a.book.answered(ask.id, scene.answerTo(ask), a.clocks) ?? [];
    expect(returns).toEqual([expect.objectContaining({ total: 10 })]);
    scene.return(returns);
    expect(scene.counter().leased).toBe(0);
    expect(scene.tryHold(a, 1).kind).toBe('short');
  });

  it('an ask resent after 15 s of a lease of 20 leaves 5 s to spend', () => {
    const scene = new Scene();
    const a = scene.gateway();
    const ask = scene.ask(a, 10);
    scene.passes(15_000);
    a.book.asks.due(a.clocks);
    a.book.answered(ask.id, scene.answerTo(ask), a.clocks);
    scene.passes(4_999);
    expect(scene.tryHold(a, 1).kind).toBe('held');
    scene.passes(1);
    expect(scene.tryHold(a, 1).kind).toBe('short');
  });

  it('a machine that was suspended with a lease in hand spends nothing of it afterwards', () => {
    const scene = new Scene();
    const a = scene.gateway();
    scene.lease(a, 10);
    a.isSuspended = true;
    scene.passes(60_000);
    a.isSuspended = false;
    expect(scene.tryHold(a, 1).kind).toBe('short');
    expect(a.book.sweep(a.clocks)).toEqual([expect.objectContaining({ total: 10 })]);
  });

  it('a wall clock that is set back makes no lease last longer', () => {
    const scene = new Scene();
    const a = scene.gateway();
    scene.lease(a, 10);
    scene.passes(19_999);
    a.setWall(-10_000);
    expect(scene.tryHold(a, 1).kind).toBe('held');
    scene.passes(1);
    expect(scene.tryHold(a, 1).kind).toBe('short');
  });

  it('a clock that is 3 per mille slow spends for less than the margin too long', () => {
    const scene = new Scene({ tokens: 100 }, HOUR_END - 1_800_000, { farMs: 600_000 });
    const a = scene.gateway(-3);
    const lease = scene.lease(a, 10);
    const [inHand] = a.book.inHand();
    scene.passes(600_000);
    expect(isSpent(inHand as never, a.clocks)).toBe(false);
    scene.passes((lease.spendUntil - lease.issuedAt) * 0.00301);
    expect(isSpent(inHand as never, a.clocks)).toBe(true);
  });
});
