import { partitionKey } from '@tallyward/domain';
import type { BillingRecord } from './billing';
import { readBillingRecordEntry } from './billing-record-entry';
import type { RawEntry } from './raw-entry';

const DAY_MS = 86_400_000;
const CLOSED_AT = Date.parse('2026-11-22T10:00:00.000Z');

const RECORD: BillingRecord = {
  recordId: 'r-1',
  revision: 1,
  project: 'demo',
  customer: 'acme',
  tier: { name: 'Professional', version: 3 },
  period: { from: '2024-02-01T00:00:00Z', to: '2024-03-01T00:00:00Z', timeZone: 'UTC' },
  modelGroup: 'premium',
  model: 'gpt-4.1',
  unit: 'tokens',
  quantity: 118_230,
  included: 100_000,
  overage: 18_230,
  delta: -70,
  includedDelta: 0,
  overageDelta: -70,
  events: 412,
  proof: '0123456789abcdef0123456789abcdef',
  closedAt: new Date(CLOSED_AT).toISOString(),
};

const HOME = 7;
const homeOf = (key: string): number => (key === 'demo:acme' ? HOME : 1);

function read(value: unknown, given: Partial<RawEntry> = {}) {
  const raw: RawEntry = {
    partition: HOME,
    offset: 5n,
    appendedAt: CLOSED_AT + 1_000,
    key: partitionKey('demo', 'acme'),
    value: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
    ...given,
  };
  return readBillingRecordEntry(raw, homeOf);
}

describe('an entry of the billing records', () => {
  it('is a record, however long ago its period was', () => {
    expect(read(RECORD)).toEqual({ kind: 'record', record: RECORD, closedAt: CLOSED_AT });
  });

  it('is parked where it was appended so long after it was closed that its key may be gone', () => {
    const kept = { appendedAt: CLOSED_AT + 36 * DAY_MS };
    expect(read(RECORD, kept)).toMatchObject({ kind: 'record' });
    const late = { appendedAt: CLOSED_AT + 36 * DAY_MS + 1 };
    expect(read(RECORD, late)).toMatchObject({ kind: 'park', reason: 'too-late' });
    const early = { appendedAt: CLOSED_AT - DAY_MS - 1 };
    expect(read(RECORD, early)).toMatchObject({ kind: 'park', reason: 'too-early' });
  });

  it.each([
    ['tombstone', RECORD, { value: null }],
    ['not-json', '{', {}],
    ['wrong-key', RECORD, { key: 'demo:another' }],
    ['wrong-key', RECORD, { key: null }],
    ['wrong-key', { ...RECORD, customer: 'another' }, {}],
    ['wrong-partition', RECORD, { partition: 3 }],
    ['not-a-record', { ...RECORD, recordId: '\ud800' }, {}],
    ['not-a-record', { ...RECORD, period: { ...RECORD.period, timeZone: '\udc00' } }, {}],
    ['not-a-record', { ...RECORD, quantity: -1 }, {}],
    ['not-a-record', { ...RECORD, overage: 0.5 }, {}],
    ['not-a-record', { ...RECORD, delta: 2 ** 53 }, {}],
    ['not-a-record', { ...RECORD, proof: 'x' }, {}],
    ['not-a-record', { ...RECORD, unit: 'words' }, {}],
    ['not-a-record', { ...RECORD, closedAt: 'yesterday' }, {}],
    ['not-a-record', { ...RECORD, period: { ...RECORD.period, to: RECORD.period.from } }, {}],
  ])('is parked as %s', (reason, value, given) => {
    expect(read(value, given)).toMatchObject({ kind: 'park', reason });
  });
});
