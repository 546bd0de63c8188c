import { createHash } from 'node:crypto';
import { proofOfDigest, proofText } from '../proof';
import { foldTotals, totalsKeyText, type TotalsKey, type TotalsRow } from '../totals';
import { usage } from '../usage-event.builder';
import type { LoggedEvent, UsageEvent } from '../usage-event';
import { differingRows, type Difference } from './difference';
import { explainTotals } from './explain-totals';
import { explainWarehouse } from './explain-warehouse';

const proofOf = (event: UsageEvent): bigint =>
  proofOfDigest(createHash('md5').update(proofText(event)).digest());

const log = [
  usage({ id: 'a', offset: 1n, customer: 'acme' }),
  usage({ id: 'b', offset: 2n, customer: 'acme', inputTokens: 7 }),
  usage({ id: 'c', offset: 3n, customer: 'bolt' }),
  usage({ id: 'd', offset: 4n, customer: 'bolt', workspace: 'emea' }),
];

const rowsOf = (entries: readonly LoggedEvent[]): Map<string, TotalsRow> =>
  foldTotals(
    entries.map((entry) => entry.event),
    proofOf,
  );

function totalsAgainst(stored: Map<string, TotalsRow>): Difference[] {
  const eventsOf = (key: TotalsKey): LoggedEvent[] =>
    log.filter((entry) => rowsOf([entry]).has(totalsKeyText(key)));
  return explainTotals(differingRows(rowsOf(log), stored), eventsOf, proofOf);
}

const without = (id: string): LoggedEvent[] => log.filter((entry) => entry.event.id !== id);
const changed = (id: string, change: Partial<UsageEvent>): LoggedEvent[] =>
  log.map((entry) =>
    entry.event.id === id ? { ...entry, event: { ...entry.event, ...change } } : entry,
  );
const brief = (differences: Difference[]): unknown[] =>
  differences.map(({ kind, eventId, row }) => [kind, eventId ?? row?.split(' ')[1]]);

describe('totals against the log', () => {
  it('equal folds show nothing', () => {
    expect(totalsAgainst(rowsOf(log))).toEqual([]);
  });

  it('a missing event is named', () => {
    expect(brief(totalsAgainst(rowsOf(without('b'))))).toEqual([['missing', 'b']]);
    expect(brief(totalsAgainst(rowsOf(without('d'))))).toEqual([['missing', 'd']]);
  });

  it('a doubled event is named', () => {
    const twice = [...log, log[1] as LoggedEvent];
    expect(brief(totalsAgainst(rowsOf(twice)))).toEqual([['doubled', 'b']]);
  });

  it('an event moved to another customer is named as one change', () => {
    const found = totalsAgainst(rowsOf(changed('b', { customer: 'bolt' })));
    expect(brief(found)).toEqual([['changed', 'b']]);
    expect(found[0]?.detail).toContain('moved');
  });

  it('a row edited by hand is named, also where its proof was left alone', () => {
    const rows = rowsOf(log);
    const row = rows.get(rows.keys().next().value as string) as TotalsRow;
    row.amounts.tokens += 5;
    const found = totalsAgainst(rows);
    expect(brief(found)).toEqual([['row', 'acme']]);
    expect(found[0]?.detail).toMatch(/^tokens: log \d+, store \d+$/);
  });

  it('two opposite errors do not cancel out', () => {
    const rows = rowsOf(log);
    const [first, second] = [...rows.values()] as [TotalsRow, TotalsRow];
    first.amounts.calls += 1;
    second.amounts.calls -= 1;
    expect(totalsAgainst(rows)).toHaveLength(2);
  });
});

describe('warehouse against the log', () => {
  it('equal rows show nothing', () => {
    expect(explainWarehouse(log, [...log].reverse())).toEqual([]);
  });

  it.each<[string, LoggedEvent[], unknown[]]>([
    ['a missing event', without('c'), [['missing', 'c']]],
    ['a doubled event', [...log, log[0] as LoggedEvent], [['doubled', 'a']]],
    ['a changed event', changed('a', { time: 1 }), [['changed', 'a']]],
    ['a moved event', changed('a', { customer: 'bolt' }), [['changed', 'a']]],
    ['a resend that counted', [...log, usage({ id: 'a', offset: 9n })], [['doubled', 'a']]],
    ['an invented event', [...log, usage({ id: 'z', offset: 9n })], [['row', 'z']]],
  ])('%s is named', (_, stored, expected) => {
    expect(brief(explainWarehouse(log, stored))).toEqual(expected);
  });

  it('a change says what it was and what it is', () => {
    const found = explainWarehouse(log, changed('b', { customer: 'bolt' }));
    expect(found[0]?.detail).toBe('customer: log acme, here bolt');
  });
});
