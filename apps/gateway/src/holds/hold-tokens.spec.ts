import type { HoldToken } from '@tallyward/domain';
import fc from 'fast-check';
import { createHmac, hkdfSync } from 'node:crypto';
import { type Deciding, startDeciding } from '../decide/decide.builder';
import { madeKey } from '../gateway.builder';
import { HoldTokens } from './hold-tokens';
import { HoldsSeen } from './holds.builder';

const SECRET = 'a secret of at least thirty-two characters';
const tokens = new HoldTokens(SECRET);
/** What it reads, it has not signed itself. */
const elsewhere = new HoldTokens(SECRET);
const token: HoldToken = {
  hold: 81_207,
  gateway: 'gateway-1.x7k2m9',
  customer: 'acme',
  tier: { name: 'Professional', version: 3 },
  modelGroup: 'premium',
  estimate: { inputTokens: 1_200, maxOutputTokens: 800, images: 0, toolCalls: 0 },
  labels: { workspace: 'emea', user: '', role: 'analyst' },
  admittedAt: 1_795_341_000_000,
  expiresAt: 1_795_341_300_000,
  parts: [
    { lease: 1_000_007, amount: 1 },
    { lease: 1_000_008, amount: 2_000 },
  ],
};
const signed = tokens.sign(token, 'demo') ?? '';

describe('a hold’s id', () => {
  it('is read by every gateway with the same secret, in the same project', () => {
    expect(elsewhere.read(signed, 'demo')).toEqual(token);
    expect(tokens.read(signed, 'demo')).toEqual(token);
    expect(new HoldTokens(`${SECRET}.`).read(signed, 'demo')).toBeNull();
    for (const one of [tokens, elsewhere]) expect(one.read(signed, 'other')).toBeNull();
    expect(signed).toMatch(/^[A-Za-z0-9_-]{1,512}$/);
  });

  it('carries HMAC-SHA-256 of its bytes, cut to 16 bytes, of any length', () => {
    const info = 'tallyward hold token v1\ndemo';
    const key = Buffer.from(hkdfSync('sha256', SECRET, Buffer.alloc(0), info, 32));
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 100 }), fc.nat(), (customer, hold) => {
        const text = tokens.sign({ ...token, customer, hold }, 'demo');
        if (text === null) return;
        const bytes = Buffer.from(text, 'base64url');
        const hmac = createHmac('sha256', key).update(bytes.subarray(0, -16)).digest();
        expect(bytes.subarray(-16).equals(hmac.subarray(0, 16))).toBe(true);
        expect(elsewhere.read(text, 'demo')).toEqual({ ...token, customer, hold });
      }),
    );
  });

  it('is none with any bit changed, cut short or made longer', () => {
    const bytes = Buffer.from(signed, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(tokens.read(changed.toString('base64url'), 'demo')).toBeNull();
    }
    for (let cut = 0; cut < signed.length; cut += 1) {
      expect(tokens.read(signed.slice(0, cut), 'demo')).toBeNull();
    }
    for (const more of ['A', '=', '==', ' ', '\n', '%3D', 'AAAA', 'é']) {
      expect(tokens.read(signed + more, 'demo')).toBeNull();
    }
  });

  it('has one spelling', () => {
    const last = signed.slice(-1);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const others = [...alphabet].filter((letter) => letter !== last);
    for (const letter of others) {
      expect(tokens.read(signed.slice(0, -1) + letter, 'demo')).toBeNull();
    }
    const plain = Buffer.from(signed, 'base64url').toString('base64');
    if (plain !== signed) expect(tokens.read(plain, 'demo')).toBeNull();
  });

  it('is none for any other text, and never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.base64String()), (text) => {
        expect(tokens.read(text, 'demo')).toBeNull();
      }),
    );
  });
});

describe('a hold that is none', () => {
  let deciding: Deciding;
  let seen: HoldsSeen;
  beforeAll(async () => {
    deciding = await startDeciding();
    seen = new HoldsSeen(deciding);
  });
  afterAll(() => deciding.gateway.close());

  it('is 404 alike: forged, cut, of another project, of another secret, or nonsense', async () => {
    const { holdId, token: ours } = await seen.admitted();
    const foreign = seen.another('other', madeKey(['decide']));
    const other = new HoldTokens('another secret of at least 32 characters');
    const nobodys = [
      [`${holdId.slice(0, -2)}${holdId.endsWith('A') ? 'BB' : 'AA'}`],
      [holdId.slice(0, 40)],
      [holdId, foreign],
      [other.sign(ours, 'demo') ?? ''],
      ['nonsense'],
      ['%00'],
      ['x'.repeat(900)],
    ] as const;
    const bodies = new Set<string>();
    for (const [id, key] of nobodys) {
      for (const answer of [
        await seen.settle(id, { model: 'gpt-4o' }, {}, key),
        await seen.release(id, key),
      ]) {
        expect(answer.status).toBe(404);
        bodies.add(JSON.stringify({ ...answer.body, requestId: '' }));
      }
    }
    expect([...bodies]).toEqual([expect.stringContaining('"hold-not-found"')]);
    expect(seen.settlements(ours)).toEqual([]);
    expect(await seen.release(holdId)).toMatchObject({ status: 204 });
  });

  it('takes a key that may decide', async () => {
    const { holdId } = await seen.admitted();
    const ingest = seen.another('reporting', madeKey(['ingest', 'read']));
    expect(await seen.settle(holdId, { model: 'gpt-4o' }, {}, ingest)).toMatchObject({
      status: 403,
    });
    expect(await seen.release(holdId, ingest)).toMatchObject({ status: 403 });
  });
});
