import { HOUR, HOUR_MS, Stage, START, tokens, used } from './stage.builder';

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});

describe('what was settled here', () => {
  const usedNow = () => {
    const { told, settled } = stage.counter(tokens);
    return (told?.used ?? 0) + settled.amount;
  };
  /** Entitlement's word after the fold of all before this place. */
  const tell = (folded: number, foldedTo: number) => {
    const { name: limit } = stage.counter(tokens);
    const state = { limit, window: HOUR, used: folded, leased: 0, held: 0, amount: 1, overrun: 0 };
    stage.desk.told({ counters: [state], at: START, foldedTo }, stage.now);
  };
  const settle = (hold: number, amount: number, place: number) => {
    stage.hold(hold, tokens, amount);
    stage.leases.own.settled(hold, used(amount), place);
  };

  it('counts until entitlement’s word holds it, however long the fold takes', () => {
    stage.lend(tokens, 100);
    settle(1, 10, 4);
    settle(2, 20, 7);
    expect(usedNow()).toBe(30);
    stage.passes(HOUR_MS / 2);
    tell(10, 5);
    expect(usedNow()).toBe(30);
    tell(30, 8);
    expect(usedNow()).toBe(30);
  });

  it('counts once where the word comes before the ack', () => {
    stage.lend(tokens, 100);
    tell(10, 5);
    settle(1, 10, 4);
    expect(usedNow()).toBe(10);
  });

  it('counts whole, of however many calls', () => {
    stage.lend(tokens, 1_000);
    for (let call = 0; call < 100; call += 1) settle(call, 10, call);
    expect(usedNow()).toBe(1_000);
    tell(990, 99);
    expect(usedNow()).toBe(1_000);
    tell(1_000, 100);
    expect(usedNow()).toBe(1_000);
  });
});
