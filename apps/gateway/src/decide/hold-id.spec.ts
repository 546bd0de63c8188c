import { tokenParts } from './hold-id';

describe('what a hold’s id says of its leases', () => {
  const part = (lease: number, amount: number) => ({ lease: String(lease), amount });

  it('keeps those of one limit in the order in which the gateway pays them', () => {
    // A repeated ask may have its answer after a later one: 11 came after 12.
    const tokens = { limit: 'tokens', leases: [part(12, 30), part(11, 20)] };
    const calls = { limit: 'calls', leases: [part(20, 1)] };
    expect(tokenParts([tokens, calls]).map(({ lease }) => lease)).toEqual([12, 11, 20]);
  });

  it('has limits in the order of their leases, whose numbers then follow each other', () => {
    const limits = [3, 1, 2].map((lease) => ({ limit: `${lease}`, leases: [part(lease, 1)] }));
    expect(tokenParts(limits).map(({ lease }) => lease)).toEqual([1, 2, 3]);
  });
});
