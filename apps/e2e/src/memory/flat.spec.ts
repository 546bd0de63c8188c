import { flatness, MOST_BYTES, type Mark } from './flat';

const MB = 1e6;
const marks = (heapMb: (million: number) => number, loadMb = 300): Mark[] =>
  Array.from({ length: 10 }, (_, at) => {
    const million = (at + 1) / 2;
    const heap = heapMb(million) * MB;
    const rest = { heap, resident: heap + 100 * MB };
    return { events: million * MB, rest, load: { heap: 2 * heap, resident: loadMb * MB } };
  });

describe('whether memory stays flat', () => {
  it('looks away while a service warms up, and takes what goes up and down for flat', () => {
    expect(flatness(marks((m) => (m < 2 ? 20 * m : 50 + 4 * (-1) ** (2 * m)))).isFlat).toBe(true);
  });

  it('sees a service that keeps a key of 50 bytes per event, through the same ups and downs', () => {
    const found = flatness(marks((m) => 50 + 50 * m + 4 * (-1) ** (2 * m)));
    expect(found.isFlat).toBe(false);
    expect(found.heap.bytesPerEvent).toBeGreaterThan(40);
    expect(found.heap.bytesPerEvent).toBeLessThan(60);
  });

  it('is not flat where a service needs more than its container has, though it gives it back', () => {
    expect(flatness(marks(() => 50, (2 * MOST_BYTES) / MB)).isFlat).toBe(false);
  });
});
