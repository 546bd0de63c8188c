import { batchOf, homeOf, usageEntry, voidOf } from './fold.builder';
import { inParts, MOST_VOIDS, readBatch } from './read-batch';

const CUSTOMER = 'acme';
const log = (voids: number) =>
  Array.from({ length: 2 * voids }, (_, n) => {
    const place = { offset: BigInt(n), customer: CUSTOMER, appendedAt: Date.now() + n };
    return n % 2 === 0 ? usageEntry(place) : voidOf(`e${n - 1}`, place);
  });
const partsOf = (voids: number) => inParts(readBatch(batchOf(homeOf(CUSTOMER), log(voids))));
const voidsIn = (part: ReturnType<typeof partsOf>[number]): number =>
  part.candidates.filter(({ event }) => event === null).length;

describe('a batch with many voids', () => {
  it('is cut, each part going on where the one before ends, and nothing left out', () => {
    const parts = partsOf(2 * MOST_VOIDS + 1);
    expect(parts.map(voidsIn)).toEqual([MOST_VOIDS, MOST_VOIDS, 1]);
    const bounds = parts.map(({ from, next }) => [from, next]);
    expect(bounds.slice(1).map(([from]) => from)).toEqual(
      bounds.slice(0, -1).map(([, next]) => next),
    );
    const offsets = parts.flatMap(({ candidates }) => candidates.map(({ offset }) => offset));
    expect(offsets).toEqual(log(2 * MOST_VOIDS + 1).map(({ offset }) => offset));
    const reached = parts.map((part) => part.reached);
    expect(reached).toEqual([...reached].sort((a, b) => a - b));
  });

  it('is whole where one transaction takes it', () => {
    expect(partsOf(MOST_VOIDS)).toHaveLength(1);
    expect(partsOf(1)).toHaveLength(1);
  });
});
