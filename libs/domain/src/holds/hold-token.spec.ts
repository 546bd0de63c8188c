import fc from 'fast-check';
import { decodeHold, encodeHold, type HoldToken, MAX_TOKEN_BYTES } from './hold-token';

const START = Date.parse('2026-11-22T10:00:00Z');
const aToken = (more: Partial<HoldToken> = {}): HoldToken => ({
  hold: 81_207,
  gateway: 'gateway-1.x7k2m9',
  project: 'demo',
  customer: 'acme',
  tier: { name: 'Professional', version: 3 },
  labels: { workspace: 'emea', user: 'u-17', role: 'analyst' },
  admittedAt: START,
  expiresAt: START + 300_000,
  parts: [
    { lease: 1_000_007, amount: 1 },
    { lease: 1_000_008, amount: 2_000 },
  ],
  ...more,
});

describe('a hold token', () => {
  it('says the same to the one who reads it', () => {
    const whole = fc.nat({ max: Number.MAX_SAFE_INTEGER });
    const text = fc.string({ unit: 'grapheme', maxLength: 20 });
    const token = fc.record({
      hold: whole,
      gateway: text,
      project: text,
      customer: text,
      tier: fc.record({ name: text, version: fc.nat() }),
      labels: fc.record({ workspace: text, user: text, role: text }),
      admittedAt: fc.nat({ max: 8e12 }),
      expiresAt: fc.nat({ max: 900_000 }),
      parts: fc.array(fc.record({ lease: fc.nat({ max: 2 ** 50 }), amount: whole }), {
        maxLength: 5,
      }),
    });
    fc.assert(
      fc.property(token, (given) => {
        const said = { ...given, expiresAt: given.admittedAt + given.expiresAt };
        const bytes = encodeHold(said);
        if (bytes !== null) expect(decodeHold(bytes)).toEqual(said);
      }),
    );
  });

  it('is short enough for the longest names and 24 limits of one grant', () => {
    const parts = Array.from({ length: 24 }, (_, n) => ({ lease: 9e9 + n, amount: 2_000_000 }));
    const long = { project: 'p'.repeat(64), customer: 'ü'.repeat(64) };
    const bytes = encodeHold(aToken({ parts, ...long }));
    expect(bytes?.length).toBeLessThanOrEqual(MAX_TOKEN_BYTES);
    expect(
      Buffer.concat([bytes ?? Buffer.of(), Buffer.alloc(16)]).toString('base64url').length,
    ).toBeLessThanOrEqual(512);
  });

  it('is refused where it would be too long', () => {
    const parts = Array.from({ length: 90 }, (_, n) => ({ lease: n * 1e9, amount: 1e9 }));
    expect(encodeHold(aToken({ parts }))).toBeNull();
  });

  it('is null for any other bytes, and never throws', () => {
    const bytes = encodeHold(aToken()) ?? Buffer.of();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (some) => {
        const read = decodeHold(some);
        if (read !== null) expect(encodeHold(read)).not.toBeNull();
      }),
    );
    for (let cut = 0; cut < bytes.length; cut += 1) {
      expect(decodeHold(bytes.subarray(0, cut))).toBeNull();
    }
    expect(decodeHold(Buffer.concat([bytes, Buffer.of(0)]))).toBeNull();
    expect(decodeHold(Buffer.concat([Buffer.of(2), bytes.subarray(1)]))).toBeNull();
  });
});
