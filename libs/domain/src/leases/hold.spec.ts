import type { Need } from './hold';
import type { SimulatedGateway } from './simulator/gateway';
import { namedParts } from './simulator/log';
import { HOUR_END, hourOf, Scene, TOKENS } from './scene.builder';

const held = (gateway: SimulatedGateway, needs: Need[]) => gateway.hold('many', needs, 10_000);
const free = ({ book }: SimulatedGateway): number =>
  [...book.inHand()].reduce((sum, lease) => sum + lease.free, 0);

describe('PROTOCOL 8: a hold', () => {
  const two = () => {
    const scene = new Scene({ calls: 10, tokens: 100 });
    const a = scene.gateway();
    scene.lease(a, 10, { limit: 'calls' });
    scene.lease(a, 50, { limit: 'tokens' });
    return { scene, a };
  };

  it('takes of all limits, or of none', () => {
    const { a } = two();
    const needs = [
      { limit: 'calls', amount: 1 },
      { limit: 'tokens', amount: 51 },
    ];
    const answer = held(a, needs);
    expect(answer.kind).toBe('short');
    expect(answer).toEqual({ kind: 'short', limits: ['tokens'] });
    expect(free(a)).toBe(60);
  });

  it('that fails for the group asked for leaves its fallback all there was, in one section', () => {
    const { a } = two();
    const groups = [
      [
        { limit: 'calls', amount: 1 },
        { limit: 'premium', amount: 1 },
      ],
      [
        { limit: 'calls', amount: 10 },
        { limit: 'tokens', amount: 50 },
      ],
    ];
    expect(groups.map((needs) => held(a, needs).kind)).toEqual(['short', 'held']);
    expect(free(a)).toBe(0);
  });

  it('takes all from one lease where one has enough', () => {
    const scene = new Scene();
    const a = scene.gateway();
    scene.lease(a, 10);
    const large = scene.lease(a, 20);
    const part = { limit: TOKENS, lease: large.id, amount: 15 };
    expect(namedParts(scene.hold(a, 15))).toEqual([part]);
  });

  it('spans several leases of one limit, and gives back to each what it had of it', () => {
    const scene = new Scene();
    const a = scene.gateway();
    const [one, other] = [scene.lease(a, 10), scene.lease(a, 10)];
    const hold = scene.hold(a, 15);
    expect(namedParts(hold)).toEqual([
      { limit: TOKENS, lease: one.id, amount: 10 },
      { limit: TOKENS, lease: other.id, amount: 5 },
    ]);
    scene.fold(scene.settle(hold, a, 12));
    expect([...a.book.inHand()].map((lease) => lease.free)).toEqual([0, 8]);
    expect(scene.postgres.leaseOf(one.id)?.settled).toBe(10);
    expect(scene.postgres.leaseOf(other.id)?.settled).toBe(2);
  });
});

describe('PROTOCOL 9: the instant of admission', () => {
  it("is the issuer's, in the old window, though the gateway's clock is 3 s fast at midnight", () => {
    const scene = new Scene({ [TOKENS]: 100 }, HOUR_END - 10_000);
    const a = scene.gateway(0, 3_000);
    scene.lease(a, 10);
    scene.passes(9_000);
    const hold = scene.hold(a, 10);
    expect(hold.admittedAt).toBe(HOUR_END - 1_000);
    scene.passes(2_000);
    scene.fold(scene.settle(hold, a, 10));
    expect(scene.counter(TOKENS, HOUR_END - 1).used).toBe(10);
    expect(scene.counter(TOKENS, HOUR_END).used).toBe(0);
  });

  it('lies in the windows of all leases of a hold, also by a clock that is slow', () => {
    const scene = new Scene({ calls: 10, tokens: 100 }, HOUR_END - 20_000);
    const a = scene.gateway(-3);
    scene.lease(a, 10, { limit: 'calls' });
    scene.passes(20_010);
    const needs = [
      { limit: 'calls', amount: 1 },
      { limit: 'tokens', amount: 1 },
    ];
    scene.lease(a, 50, { limit: 'tokens' });
    expect(held(a, needs)).toEqual({ kind: 'short', limits: ['calls'] });
    scene.lease(a, 5, { limit: 'calls' });
    const answer = held(a, needs);
    expect(answer).toMatchObject({ kind: 'held', hold: { admittedAt: HOUR_END + 10 } });
    expect(hourOf(HOUR_END + 10).from).toBe(HOUR_END);
  });
});

describe('PROTOCOL 10: the deadline of a hold', () => {
  it('is looked at again: a process that stood still for a minute answers nothing it took', () => {
    const scene = new Scene();
    const a = scene.gateway();
    scene.lease(a, 10);
    const { id } = scene.hold(a, 10);
    expect(a.book.holds.isOpen(id, a.clocks)).toBe(true);
    scene.passes(60_000);
    expect(a.book.holds.isOpen(id, a.clocks)).toBe(false);
  });
});
