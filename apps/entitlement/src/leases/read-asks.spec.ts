import { TOPICS } from '@tallyward/contracts';
import type { LogEntry } from '@tallyward/platform';
import { readAsks } from './read-asks';

const ask = {
  type: 'lease.asked',
  project: 'demo',
  customer: 'acme',
  gateway: 'g1.x',
  ask: 'g1.x-1',
  wants: [{ limit: 'a', need: 1, want: 2 }],
  watches: [],
  longestMs: 300_000,
  opensAt: null,
  looks: false,
  customerVersion: 0,
};

const entry = (offset: bigint, value: unknown, more: Partial<LogEntry> = {}): LogEntry => ({
  offset,
  key: 'demo:acme',
  value: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
  headers: {},
  appendedAt: 1_000 + Number(offset),
  ...more,
});

const batchOf = (entries: LogEntry[]) => ({
  topic: TOPICS.quotaAsks.name,
  partition: 3,
  identity: 'cluster/asks',
  entries,
  next: (entries.at(-1)?.offset ?? 0n) + 1n,
});

describe('a batch of what gateways say', () => {
  it('is sorted by what it is, each kind in its order, with its place', () => {
    const back = { type: 'lease.returned', project: 'demo', customer: 'acme', gateway: 'g1.x' };
    const read = readAsks(
      batchOf([
        entry(5n, { ...ask, ask: 'one' }),
        entry(6n, { ...back, leases: [{ lease: '1', total: 2 }] }),
        entry(9n, { ...ask, ask: 'two' }),
      ]),
    );
    expect(read).toMatchObject({ from: 5n, next: 10n, reached: 1_009, unreadable: [] });
    expect(read.asks.map((one) => [one.ask.ask, one.appendedAt])).toEqual([
      ['one', 1_005],
      ['two', 1_009],
    ]);
    expect(read.returned).toMatchObject([{ leases: [{ lease: '1', total: 2 }] }]);
  });

  it.each([
    ['no value', null, 'not-an-ask'],
    ['no JSON', '{', 'not-json'],
    ['another shape', { ...ask, gateway: '' }, 'not-an-ask'],
    ['one limit twice', { ...ask, wants: [ask.wants[0], ask.wants[0]] }, 'not-an-ask'],
    ['a text that Postgres does not take', { ...ask, ask: 'a\u0000b' }, 'not-an-ask'],
  ])('passes over %s, with its reason', (_, value, reason) => {
    const one = value === null ? entry(1n, '', { value: null }) : entry(1n, value);
    expect(readAsks(batchOf([one, entry(2n, ask)]))).toMatchObject({
      unreadable: [reason],
      asks: [{ ask }],
    });
  });

  it('takes names that only look as if Postgres did not take them', () => {
    const said = { ...ask, customer: '\\u0000' };
    const read = readAsks(batchOf([entry(1n, said, { key: 'demo:\\u0000' })]));
    expect(read).toMatchObject({ unreadable: [], asks: [{ ask: said }] });
  });

  it('passes over an ask under the key of another customer', () => {
    const read = readAsks(batchOf([entry(1n, ask, { key: 'demo:other' })]));
    expect(read).toMatchObject({ unreadable: ['wrong-key'], asks: [] });
  });
});
