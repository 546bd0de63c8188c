import { BlockFraming, unframe } from './block-compression';
import { cityHash128 } from './city-hash';

const LIMIT = 10 * 1024 * 1024;

describe('ClickHouse’s compressed blocks', () => {
  it.each([0, 1, 14, 15, 16, 269, 270, 271, 100_000, 1_100_000])('%p bytes go out and in', (n) => {
    const bytes = Buffer.from(Array.from({ length: n }, (_, i) => (i * 7) & 255));
    expect(unframe(new BlockFraming().push(bytes), LIMIT).equals(bytes)).toBe(true);
  });
  it('a copy may overlap itself', () => {
    // "ab", then eight bytes from two back
    const packed = Buffer.from([0x24, 0x61, 0x62, 2, 0, 0x00]);
    expect(unframe(framed(packed, 10), LIMIT).toString()).toBe('ababababab');
  });
  it('damage is told', () => {
    const block = new BlockFraming().push(Buffer.from('hello'));
    const flipped = Buffer.from(block);
    flipped[20] = (flipped[20] ?? 0) ^ 1;
    expect(() => unframe(flipped, LIMIT)).toThrow(/cut off|Checksum/);
    expect(() => unframe(block.subarray(0, 20), LIMIT)).toThrow(/cut off/);
    expect(() => unframe(block, 4)).toThrow(/larger than 4 bytes/);
    expect(() => unframe(framed(Buffer.from([0x0f, 1, 0]), 10), LIMIT)).toThrow(/out of range/);
  });
});

function framed(packed: Buffer, size: number): Buffer {
  const head = Buffer.alloc(9);
  head.writeUInt8(0x82, 0);
  head.writeUInt32LE(9 + packed.length, 1);
  head.writeUInt32LE(size, 5);
  const rest = Buffer.concat([head, packed]);
  return Buffer.concat([cityHash128(rest), rest]);
}
