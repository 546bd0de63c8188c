import { HeldByGateways, TOLD_LIVES_MS } from './held-elsewhere';
import { REFUSED_LIVES_MS, RefusedGateways } from './refused-gateways';

const owner = { project: 'demo', customer: 'acme' };
const counter = { ...owner, name: 'calls', windowStart: 0 };

const LASTS_MS = 5_000;

describe('what gateways tell of calls in flight', () => {
  const counted = (gateway: string, held: number, limit = 'calls') => ({
    type: 'hold.counted' as const,
    ...owner,
    gateway,
    lastsMs: LASTS_MS,
    held: [{ limit, held }],
  });

  it('is told to others, until its calls are over for certain', () => {
    let now = 0;
    const held = new HeldByGateways(() => now);
    held.note(counted('g1', 4));
    now = LASTS_MS - 1;
    held.note(counted('g2', 3));
    expect([held.elsewhere(counter, 'g1'), held.elsewhere(counter, 'g3')]).toEqual([3, 7]);
    now = LASTS_MS + 1;
    expect(held.elsewhere(counter, 'g3')).toBe(3);
  });

  it('goes to each gateway that told of the customer lately, as it changes', () => {
    let now = 0;
    const held = new HeldByGateways(() => now);
    const news = (gateway: string, count: number) =>
      held.note(counted(gateway, count)).map((told) => [told.gateway, told.held[0]?.held]);
    expect(news('g1', 4)).toEqual([]);
    expect(news('g2', 3)).toEqual([['g1', 3]]);
    now = TOLD_LIVES_MS;
    expect(news('g2', 0)).toEqual([['g1', 0]]);
    now += 1;
    expect(news('g2', 1)).toEqual([]);
  });

  it('is kept of so many counters, the latest told', () => {
    const held = new HeldByGateways(() => 0, 2);
    for (const limit of ['a', 'b', 'a', 'c']) held.note(counted('g1', 1, limit));
    const kept = ['a', 'b', 'c'].map((name) => held.elsewhere({ ...counter, name }, 'g2'));
    expect(kept).toEqual([1, 0, 1]);
  });
});

describe('who was refused', () => {
  it('is told once, and no longer after a while', () => {
    let now = 0;
    const refused = new RefusedGateways();
    refused.clock = () => now;
    refused.note(counter, 'g1');
    now = REFUSED_LIVES_MS - 1;
    refused.note(counter, 'g2');
    now = REFUSED_LIVES_MS + 1;
    expect(refused.freed([counter])).toEqual([
      { type: 'limit.freed', gateway: 'g2', ...owner, limits: ['calls'] },
    ]);
    expect(refused.freed([counter])).toEqual([]);
  });
});
