import { ASK_LASTS_MS } from './asks';
import { SILENT_AFTER_MS } from './lease-limits';
import { Stage, tokens } from './stage.builder';

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});

describe('an ask that nobody answers', () => {
  const ask = () =>
    void stage.leases.askAlone(
      {
        desk: stage.desk,
        wants: [{ counter: stage.counter(tokens), need: 10, want: 10 }],
        watches: [],
        longestMs: 60_000,
        opensAt: null,
        looks: false,
        customerVersion: 1,
      },
      stage.now,
    );

  it('does not stand in the way of others, whose asks are answered', () => {
    ask();
    stage.passes(SILENT_AFTER_MS);
    expect(stage.leases.asks.isSilent(stage.now)).toBe(true);
    expect(stage.leases.asks.isHopeless(stage.now)).toBe(true);
    stage.passes(1_000);
    expect(stage.leases.asks.isHopeless(stage.now)).toBe(false);
    expect(stage.leases.asks.isHopeless(stage.now)).toBe(true);
    stage.lend(tokens, 100);
    expect(stage.leases.asks.isSilent(stage.now)).toBe(false);
    stage.passes(SILENT_AFTER_MS);
    expect(stage.leases.asks.isSilent(stage.now)).toBe(false);
  });

  it('is given up after a while, and what it is granted then goes back', async () => {
    ask();
    stage.sweep();
    const [asked] = stage.ofType('lease.asked');
    stage.passes(ASK_LASTS_MS);
    stage.sweep();
    expect(stage.leases.asks.size).toBe(0);
    for (let times = 0; times < 2; times += 1) stage.grant(asked?.ask ?? '', tokens, 10);
    stage.sweep();
    const returned = stage.ofType('lease.returned').flatMap(({ leases }) => leases);
    expect(returned).toEqual([{ lease: '1', total: 10 }]);
  });
});
