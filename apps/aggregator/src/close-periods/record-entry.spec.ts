import { auditFact, billingRecord } from '@tallyward/contracts';
import type { LineChange } from '@tallyward/domain';
import { heldBackFact, toldLine } from './record-entry';

const HOUR_MS = 3_600_000;
const due = {
  ...{ project: 'demo', customer: 'café', partition: 3, timeZone: 'UTC' },
  period: { from: 0, to: HOUR_MS },
};
const line: LineChange = {
  ...{ tier: { name: 'Pay', version: 1 }, modelGroup: 'premium', model: 'm', unit: 'tokens' },
  ...{ quantity: 30, overage: 10, events: 2, proof: 255n, delta: 5, overageDelta: 2 },
};
const valueOf = ({ value }: { readonly value: string }): unknown => JSON.parse(value);

describe('a billing record', () => {
  it('says quantity, included and overage, and what each differs by', () => {
    const { entry } = toldLine(due, 1, line, HOUR_MS);
    const record = billingRecord.strict().parse(valueOf(entry));
    expect(record).toMatchObject({ quantity: 30, included: 20, overage: 10 });
    expect(record).toMatchObject({ delta: 5, includedDelta: 3, overageDelta: 2 });
    expect(record.proof).toBe('ff'.padStart(32, '0'));
  });

  it('has an id that follows from its line and its revision, whenever it was closed', () => {
    const idOf = (revision: number, closedAt: number, given = {}) =>
      toldLine(due, revision, { ...line, ...given }, closedAt).recordId;
    expect(idOf(0, 1)).toBe(idOf(0, 2));
    const ids = [idOf(0, 1), idOf(1, 1), idOf(0, 1, { unit: 'calls' }), idOf(0, 1, { model: 'n' })];
    expect(new Set(ids).size).toBe(4);
  });

  it('is told under its customer, in headers that are ASCII', () => {
    const { key, headers } = toldLine(due, 0, line, HOUR_MS).entry;
    expect(key).toBe('demo:café');
    expect(headers['ce_subject']).toBe('caf%C3%A9');
  });
});

it('a period that is held back is a fact as any other', () => {
  const entry = heldBackFact(due, 'The proofs differ.', [], HOUR_MS);
  const fact = auditFact.strict().parse(valueOf(entry));
  expect(fact).toMatchObject({ type: 'billing.held-back', subject: 'customer:café' });
});
