import { murmur2, partitionOf } from './murmur2';

describe('murmur2', () => {
  // Vectors of the Java client's own tests (UtilsTest.testMurmur2).
  const vectors: [string, number][] = [
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ];

  test.each(vectors)('hashes %s as the Java client does', (text, hash) => {
    expect(murmur2(Buffer.from(text))).toBe(hash);
  });

  it('gives a partition within bounds for any key, also of multi-byte characters', () => {
    for (let i = 0; i < 2_000; i += 1) {
      const partition = partitionOf(`demo:kündin-${i}-顧客`, 12);
      expect(partition).toBeGreaterThanOrEqual(0);
      expect(partition).toBeLessThan(12);
    }
  });
});
