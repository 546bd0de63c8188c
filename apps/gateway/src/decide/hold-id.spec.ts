import { LeaseBook } from '@tallyward/domain';
import { tokenParts } from './hold-id';

describe('what a hold’s id says of its leases', () => {
  const now = { monotonicMs: 0, wallMs: 0 };
  const book = new LeaseBook(0);
  /** A hold that takes all of these leases, which came in this order. */
  const partsOf = (
    ...limits: readonly [limit: string, ...leases: [id: number, amount: number][]][]
  ) => {
    const needs = limits.map(([limit, ...leases]) => {
      const wants = leases.map(([, amount]) => ({ limit, need: amount, want: amount }));
      book.asked({ id: limit, gateway: 'g', wants, longestMs: 0, opensAt: null }, now);
      const granted = leases.map(([id, amount]) => {
        const times = { issuedAt: 0, spendUntil: 1_000, settleUntil: 61_000 };
        const window = { from: 0, to: 1_000_000 };
        return { id: String(id), counter: limit, limit, amount, ...times, window };
      });
      book.answered(limit, { kind: 'granted', leases: granted }, now);
      const amount = leases.reduce((sum, [, more]) => sum + more, 0);
      return { limit: book.limit(limit, now), amount };
    });
    const answer = book.hold('h', needs, 1_000, now);
    if (answer.kind !== 'held') throw new Error(answer.kind);
    return tokenParts(answer.hold.parts).map(({ lease }) => lease);
  };

  it('keeps those of one limit in the order in which the gateway pays them', () => {
    // A repeated ask may have its answer after a later one: 11 came after 12.
    expect(partsOf(['tokens', [12, 30], [11, 20]], ['calls', [20, 1]])).toEqual([12, 11, 20]);
  });

  it('has limits in the order of their leases, whose numbers then follow each other', () => {
    expect(partsOf(['c', [3, 1]], ['a', [1, 1]], ['b', [2, 1]])).toEqual([1, 2, 3]);
    expect(partsOf(['e', [9, 1], [6, 1]], ['f', [7, 1], [8, 1]])).toEqual([7, 8, 9, 6]);
  });
});
