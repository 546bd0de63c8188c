import fc from 'fast-check';
import { MOST_LIMITS_MET } from '../tiers/tier-faults';
import { decodeHold, encodeHold, type HoldToken, MAX_TOKEN_BYTES } from './hold-token';

const START = Date.parse('2026-11-22T10:00:00Z');
const aToken = (more: Partial<HoldToken> = {}): HoldToken => ({
  hold: 81_207,
  gateway: 'gateway-1.x7k2m9',
  customer: 'acme',
  tier: { name: 'Professional', version: 3 },
  modelGroup: 'premium',
  estimate: { inputTokens: 1_200, maxOutputTokens: 800, images: 0, toolCalls: 0 },
  labels: { workspace: 'emea', user: 'u-17', role: 'analyst' },
  admittedAt: START,
  expiresAt: START + 300_000,
  parts: [
    { lease: 1_000_007, amount: 1 },
    { lease: 1_000_008, amount: 2_000 },
  ],
  ...more,
});

const bytesOf = (token: HoldToken): Uint8Array | null => {
  const into = new Uint8Array(MAX_TOKEN_BYTES);
  const length = encodeHold(token, into);
  return length === null ? null : into.subarray(0, length);
};

const whole = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const quantity = fc.nat({ max: 1_000_000_000 });
const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const anyToken = fc
  .record({
    hold: whole,
    gateway: text,
    customer: text,
    tier: fc.record({ name: text, version: fc.nat() }),
    modelGroup: text,
    estimate: fc.record({
      inputTokens: quantity,
      maxOutputTokens: quantity,
      images: quantity,
      toolCalls: quantity,
    }),
    labels: fc.record({ workspace: text, user: text, role: text }),
    admittedAt: fc.nat({ max: 8e12 }),
    lasts: fc.nat({ max: 900_000 }),
    parts: fc.array(
      fc.record({ lease: fc.nat({ max: 2 ** 48 }), amount: fc.oneof(whole, fc.constant(1)) }),
      { maxLength: 5 },
    ),
  })
  .map(({ lasts, ...rest }) => ({ ...rest, expiresAt: rest.admittedAt + lasts }));

describe('a hold token', () => {
  it('says the same to the one who reads it', () => {
    let said = 0;
    fc.assert(
      fc.property(anyToken, (token) => {
        const bytes = bytesOf(token);
        if (bytes === null) return;
        said += 1;
        expect(decodeHold(bytes)).toEqual(token);
      }),
    );
    expect(said).toBeGreaterThan(50);
  });

  it('has room for 100 bytes of names beside the leases of as many limits as a tier may have', () => {
    const leases = fc.uniqueArray(fc.nat({ max: 2 ** 24 }), {
      minLength: MOST_LIMITS_MET,
      maxLength: MOST_LIMITS_MET,
    });
    const names = { customer: 'c'.repeat(36), modelGroup: 'g', tier: { name: 't', version: 99 } };
    const labels = { workspace: 'w'.repeat(20), user: 'u'.repeat(36), role: 'r'.repeat(6) };
    const gateway = 'g'.repeat(53);
    const most = { inputTokens: 1e9, maxOutputTokens: 1e9, images: 1e9, toolCalls: 1e9 };
    fc.assert(
      fc.property(leases, ([...numbers]) => {
        const parts = numbers
          .sort((one, other) => one - other)
          .map((number) => ({ lease: 9e9 + number, amount: 2e9 }));
        const token = aToken({ ...names, labels, gateway, estimate: most, parts });
        expect(bytesOf(token)?.length).toBeLessThanOrEqual(MAX_TOKEN_BYTES);
      }),
    );
  });

  it('is short enough for long names and 24 limits, some of which two leases carry', () => {
    const parts = Array.from({ length: 24 }, (_, n) => [
      { lease: 9e9 + 2 * n, amount: n % 2 === 0 ? 1 : 2_000 },
      ...(n % 12 === 0 ? [{ lease: 9e9 + 2 * n + 1, amount: 777 }] : []),
    ]).flat();
    const bytes = bytesOf(aToken({ parts, customer: 'ü'.repeat(64) }));
    expect(bytes?.length).toBeLessThanOrEqual(MAX_TOKEN_BYTES);
    expect(
      Buffer.concat([bytes ?? Buffer.of(), Buffer.alloc(16)]).toString('base64url').length,
    ).toBeLessThanOrEqual(512);
  });

  it('is refused where it would be too long', () => {
    const parts = Array.from({ length: 90 }, (_, n) => ({ lease: n * 1e9, amount: 1e9 }));
    expect(bytesOf(aToken({ parts }))).toBeNull();
    const labels = { workspace: 'w'.repeat(128), user: 'ü'.repeat(64), role: 'r'.repeat(128) };
    expect(bytesOf(aToken({ labels }))).toBeNull();
  });

  it('is null for any other bytes, and never throws', () => {
    const bytes = bytesOf(aToken()) ?? Buffer.of();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (some) => {
        const read = decodeHold(some);
        if (read !== null) expect(bytesOf(read)).not.toBeNull();
      }),
    );
    for (let cut = 0; cut < bytes.length; cut += 1) {
      expect(decodeHold(bytes.subarray(0, cut))).toBeNull();
    }
    expect(decodeHold(Buffer.concat([bytes, Buffer.of(0)]))).toBeNull();
    expect(decodeHold(Buffer.concat([Buffer.of(2), bytes.subarray(1)]))).toBeNull();
  });
});
