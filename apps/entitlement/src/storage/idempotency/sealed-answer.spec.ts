import * as fc from 'fast-check';
import { canonicalJson } from './idempotency';
import { seal, unseal } from './sealed-answer';

const SECRET = 's'.repeat(32);
const ANSWER = JSON.stringify({ key: 'tw_abcdefghijklmnop_SECRETSECRET' });

describe('a sealed answer', () => {
  it('is read again with the same secret and idempotency key, and with nothing less', () => {
    const sealed = seal(ANSWER, SECRET, 'k1');
    expect(unseal(sealed, SECRET, 'k1')).toBe(ANSWER);
    expect(unseal(sealed, SECRET, 'k2')).toBeNull();
    expect(unseal(sealed, 'x'.repeat(32), 'k1')).toBeNull();
  });

  it('shows nothing of the answer, and is never the same twice', () => {
    const sealed = seal(ANSWER, SECRET, 'k1');
    expect(sealed.toString('latin1')).not.toContain('SECRET');
    expect(sealed.equals(seal(ANSWER, SECRET, 'k1'))).toBe(false);
  });

  it('that was tampered with is not read', () => {
    const sealed = seal(ANSWER, SECRET, 'k1');
    for (const at of [0, 20, 30, sealed.length - 1]) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] as number) ^ 1;
      expect(unseal(changed, SECRET, 'k1')).toBeNull();
    }
  });
});

describe('the text a body is compared by', () => {
  it('is the same for the same JSON, whatever the order of fields', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(JSON.parse(JSON.stringify(value)))).toBe(text);
        expect(canonicalJson(reversed(value))).toBe(text);
      }),
    );
  });

  it('is another one for another value, or for another order in a list', () => {
    expect(canonicalJson({ a: 1 })).not.toBe(canonicalJson({ a: '1' }));
    expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
    expect(canonicalJson(undefined)).not.toBe(canonicalJson({}));
  });

  function reversed(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(reversed);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).reverse();
    return Object.fromEntries(entries.map(([name, part]) => [name, reversed(part)]));
  }
});
