import fc from 'fast-check';
import { createHmac } from 'node:crypto';
import { KeyedHash, SignedBytes } from './keyed-hash';

describe('a keyed hash', () => {
  it('is HMAC-SHA256, of any bytes and any key of one block', () => {
    const bytes = fc.uint8Array({ maxLength: 700 });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.array(bytes), (key, texts) => {
        const [keyed, signed] = [new KeyedHash(key), new SignedBytes(700)];
        for (const text of texts) {
          signed.body.set(text);
          const expected = createHmac('sha256', key).update(text).digest('binary');
          expect(keyed.of(signed, text.length)).toBe(expected);
        }
      }),
    );
  });

  it('takes no longer key: that would be hashed first', () => {
    expect(() => new KeyedHash(new Uint8Array(65))).toThrow(RangeError);
  });
});
