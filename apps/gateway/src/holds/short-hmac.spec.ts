import fc from 'fast-check';
import { createHmac } from 'node:crypto';
import { ShortHmac } from './short-hmac';

const theirs = (key: Uint8Array, bytes: Uint8Array): string =>
  createHmac('sha256', key).update(bytes).digest('hex');
const ours = (key: Uint8Array, bytes: Uint8Array): string =>
  Buffer.from(new ShortHmac(key).of(bytes, bytes.length)).toString('hex');

describe('HMAC-SHA-256', () => {
  it('is node:crypto’s at every length, across the ends of blocks', () => {
    const key = Buffer.alloc(32, 7);
    for (let length = 0; length <= 400; length += 1) {
      const bytes = Buffer.from(Array.from({ length }, (_, n) => (n * 31 + length) & 0xff));
      expect(ours(key, bytes)).toBe(theirs(key, bytes));
    }
  });

  it('is node:crypto’s for any key and bytes, one after the other', () => {
    const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const bytes = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(key, bytes, (ofKey, those) => {
        const hmac = new ShortHmac(ofKey);
        for (const one of those) {
          const signed = Buffer.from(hmac.of(one, one.length)).toString('hex');
          expect(signed).toBe(theirs(ofKey, one));
        }
      }),
    );
  });
});
