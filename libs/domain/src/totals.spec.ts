import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { addProofs, proofOfDigest, proofText } from './proof';
import { foldTotals, QUARTER_MS, quarterOf } from './totals';
import { UNITS } from './units';
import { usage } from './usage-event.builder';
import type { UsageEvent } from './usage-event';

const proofOf = (event: UsageEvent): bigint =>
  proofOfDigest(createHash('md5').update(proofText(event)).digest());

describe('totals', () => {
  it('one row per customer, labels and quarter of an hour, every unit a column', () => {
    const events = [
      usage({ time: 0, inputTokens: 374, outputTokens: 44, toolCalls: 2 }),
      usage({ time: QUARTER_MS - 1, inputTokens: 1, outputTokens: 0 }),
      usage({ time: QUARTER_MS }),
      usage({ time: 0, customer: 'other' }),
    ].map((entry) => entry.event);
    const rows = [...foldTotals(events, proofOf).values()];
    expect(rows.map((row) => [row.key.customer, row.key.quarter, row.amounts.calls])).toEqual([
      ['acme', 0, 2],
      ['acme', QUARTER_MS, 1],
      ['other', 0, 1],
    ]);
    expect(rows[0]?.amounts).toMatchObject({ tokens: 419, inputTokens: 375, toolCalls: 2 });
  });

  it('the order of events does not matter', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...Array(20).keys()], { minLength: 20 }), (order) => {
        const events = order.map((i) => usage({ id: `e${i}`, time: i * 100_000 }).event);
        const straight = [...events].sort((a, b) => a.time - b.time);
        const sorted = (list: UsageEvent[]): unknown =>
          [...foldTotals(list, proofOf)].sort(([a], [b]) => (a < b ? -1 : 1));
        expect(sorted(events)).toEqual(sorted(straight));
      }),
    );
  });

  it('quarters of an hour start where the world has time zones', () => {
    expect(quarterOf(Date.parse('2026-11-22T10:44:59.999Z'))).toBe(
      Date.parse('2026-11-22T10:30:00Z'),
    );
  });
});

describe('a proof', () => {
  const one = usage({ id: 'a' }).event;

  it('changes with every field that counts', () => {
    const changes: Partial<UsageEvent>[] = [
      { customer: 'x' },
      { source: 'x' },
      { id: 'x' },
      { time: one.time + 1 },
      { model: 'x' },
      { modelGroup: 'x' },
      { workspace: 'x' },
      { user: 'x' },
      { role: 'x' },
      ...UNITS.map((unit) => ({ amounts: { ...one.amounts, [unit]: 999 } })),
    ];
    const proofs = changes.map((change) => proofOf({ ...one, ...change }));
    expect(new Set([proofOf(one), ...proofs]).size).toBe(changes.length + 1);
  });

  it('an event counted twice shows, and so do two opposite errors', () => {
    const p = proofOf(one);
    const q = proofOf(usage({ id: 'b' }).event);
    expect(addProofs(p, p)).not.toBe(p);
    expect(addProofs(p, q)).not.toBe(addProofs(p, p));
    expect(addProofs(p, q)).not.toBe(addProofs(q, q));
    // As an XOR would: what is doubled would cancel itself out, and so would two that are doubled.
    expect(addProofs(addProofs(p, p), q)).not.toBe(q);
    expect(addProofs(p, p)).not.toBe(addProofs(q, q));
  });

  it('sums wrap at 2^128 and order does not matter', () => {
    const top = (1n << 128n) - 1n;
    expect(addProofs(top, 2n)).toBe(1n);
    expect(proofOfDigest(Uint8Array.from([1, ...Array<number>(15).fill(0)]))).toBe(1n);
    expect(proofOfDigest(new Uint8Array(16).fill(255))).toBe(top);
  });
});
