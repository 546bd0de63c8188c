import { keptWhileTimePasses } from './kept';

const LOOK = { from: '2026-11-21T10:00:00Z', to: '2026-11-22T10:00:00Z', window: 'hour' };
const keyOf = (change: object, customer = 'acme') => [
  'customers',
  customer,
  { ...LOOK, ...change },
];

/** What stands there while the second is asked for. */
const shown = (before: readonly unknown[], now: readonly unknown[]) =>
  keptWhileTimePasses(now)('before', { queryKey: before });

describe('what stays on show while more is asked for', () => {
  it('is the same look, a little earlier', () => {
    const later = { from: '2026-11-21T11:00:00Z', to: '2026-11-22T10:01:00Z' };
    expect(shown(keyOf({}), keyOf(later))).toBe('before');
  });

  it('is no other look: its rows would stand under words that are not theirs', () => {
    expect(shown(keyOf({}), keyOf({ window: 'day' }))).toBeUndefined();
    expect(shown(keyOf({}), keyOf({ groupBy: 'model' }))).toBeUndefined();
    expect(shown(keyOf({}), keyOf({ from: '2026-11-15T10:00:00Z' }))).toBeUndefined();
    expect(shown(keyOf({}), keyOf({}, 'globex'))).toBeUndefined();
    expect(keptWhileTimePasses(keyOf({}))('before', undefined)).toBeUndefined();
  });
});
