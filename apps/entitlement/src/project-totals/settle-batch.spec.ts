import { AHEAD_MS, type Lease, type LoggedEvent, outstanding } from '@tallyward/domain';
import fc from 'fast-check';
import type { LockedCounter, OpenCounter } from '../storage/leases/counter-usage';
import { counterOf } from '../storage/leases/leases';
import type { Overrun } from '../storage/leases/overruns';
import { aHold } from '../storage/leases/settling-customer.builder';
import { batchOf, eventsIn, homeOf, NOW, usageEntry } from './fold.builder';
import { readBatch } from './read-batch';
import { settleBatch } from './settle-batch';
import { usesOf } from './uses-of';

const HOUR_MS = 3_600_000;
const counter = (name: string, more: Partial<OpenCounter> = {}): OpenCounter => ({
  ...{ project: 'demo', customer: 'acme', name, windowStart: NOW, windowEnd: NOW + HOUR_MS },
  ...{ scope: 'customer', scopeValue: 'acme', modelGroup: '*', unit: 'tokens' },
  ...{ isOnQuarters: true, ...more },
});

/** Counters and leases in memory, folded as the tables are. */
class Books {
  readonly overruns: Overrun[] = [];

  constructor(
    readonly open: readonly OpenCounter[],
    public counters: readonly LockedCounter[],
    public leases: readonly Lease[],
  ) {}

  fold(entries: readonly LoggedEvent[]): void {
    const { counters, leases, overruns } = settleBatch(
      usesOf(this.open, entries),
      this.counters,
      this.leases,
    );
    const changes = new Map(counters.map((change) => [counterOf(change), change]));
    this.counters = this.counters.map((one) => {
      const { used = 0, leased = 0 } = changes.get(counterOf(one)) ?? {};
      return { ...one, used: one.used + used, leased: one.leased + leased };
    });
    const paid = new Map(leases.map(({ id, settled }) => [id, settled]));
    this.leases = this.leases.map((one) => ({ ...one, settled: paid.get(one.id) ?? one.settled }));
    this.overruns.push(...overruns);
  }
}

const LIMITS = [counter('calls', { unit: 'calls' }), counter('tokens')];
const aLease = (id: string, of: OpenCounter, granted: number, open: boolean): Lease => ({
  ...{ id, gateway: 'g', counter: counterOf(of), granted, returned: 0, settled: 0, open },
  ...{ issuedAt: NOW, spendUntil: NOW + 20_000, settleUntil: NOW + 320_000 },
});

function booksOf(granted: readonly number[], amount: number): Books {
  const leases = granted.map((size, n) =>
    aLease(String(n + 1), LIMITS[n % 2] as OpenCounter, size, n % 5 !== 4),
  );
  const counters = LIMITS.map((one): LockedCounter => {
    const { project, customer, name, windowStart } = one;
    const mine = leases.filter((lease) => lease.open && lease.counter === counterOf(one));
    const leased = mine.reduce((sum, lease) => sum + outstanding(lease), 0);
    return {
      ...{ project, customer, name, windowStart, used: 0, leased },
      ...{ amount: leased + amount, forgiven: 0, freshFrom: null, isHard: true },
    };
  });
  return new Books(LIMITS, counters, leases);
}

const call = fc.record({
  tokens: fc.nat(60),
  parts: fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 40 })), {
    maxLength: 3,
    selector: ([lease]) => lease,
  }),
});

const logged = (calls: readonly { tokens: number; parts: [number, number][] }[]) =>
  calls.map(({ tokens, parts }, n) =>
    usageEntry({
      ...{ customer: 'acme', offset: BigInt(n), inputTokens: tokens, outputTokens: 0 },
      ...(parts.length > 0 ? { hold: aHold({ parts }) } : {}),
    }),
  );
const eventsOf = (calls: Parameters<typeof logged>[0]): readonly LoggedEvent[] =>
  calls.length === 0 ? [] : eventsIn(readBatch(batchOf(homeOf('acme'), logged(calls))));

describe('folding settlements', () => {
  const given = [
    fc.array(call, { maxLength: 25 }),
    fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 2, maxLength: 8 }),
    fc.nat(200),
  ] as const;

  it('comes to the same however the log is dealt out in batches', () => {
    fc.assert(
      fc.property(
        ...given,
        fc.array(fc.integer({ min: 1, max: 5 })),
        (calls, granted, amount, sizes) => {
          const [whole, dealt] = [booksOf(granted, amount), booksOf(granted, amount)];
          const entries = eventsOf(calls);
          whole.fold(entries);
          let at = 0;
          for (const size of [...sizes, calls.length]) {
            dealt.fold(entries.slice(at, at + size));
            at += size;
          }
          expect(dealt.counters).toEqual(whole.counters);
          expect(dealt.leases).toEqual(whole.leases);
          const sorted = (books: Books): string[] =>
            books.overruns
              .map(({ name, offset, quantity, why }) => [name, offset, quantity, why].join(' '))
              .sort();
          expect(sorted(dealt)).toEqual(sorted(whole));
        },
      ),
    );
  });

  it('takes nothing that is not there, and says of all that passes the amount that it did', () => {
    fc.assert(
      fc.property(...given, (calls, granted, amount) => {
        const books = booksOf(granted, amount);
        books.fold(eventsOf(calls));
        for (const lease of books.leases) {
          expect(outstanding(lease)).toBeGreaterThanOrEqual(0);
          if (!lease.open) expect(lease.settled).toBe(0);
        }
        for (const one of books.counters) {
          const open = books.leases.filter(
            (lease) => lease.open && lease.counter === counterOf(one),
          );
          expect(one.leased).toBe(open.reduce((sum, lease) => sum + outstanding(lease), 0));
          const overrun = books.overruns
            .filter(({ name }) => name === one.name)
            .reduce((sum, { quantity }) => sum + quantity, 0);
          expect(Math.max(0, one.used + one.leased - one.amount)).toBeLessThanOrEqual(overrun);
        }
      }),
    );
  });
});

describe('why a use was not covered', () => {
  const [mine, other] = [counter('tokens'), counter('calls', { unit: 'calls' })];
  const leases = [aLease('1', mine, 10, true), aLease('2', mine, 10, false)];
  const whyOf = (...parts: [number, number][]): string[] => {
    const { project, customer, name, windowStart } = mine;
    const locked = { project, customer, name, windowStart, used: 0, leased: 10, amount: 10 };
    const books = new Books(
      [mine],
      [{ ...locked, forgiven: 0, freshFrom: null, isHard: true }],
      [...leases, aLease('3', other, 1, true)],
    );
    books.fold(eventsOf([{ tokens: 20, parts }]));
    return books.overruns.map(({ quantity, why }) => `${quantity} ${why}`);
  };

  it.each([
    ['no hold', [], '20 no-hold'],
    ['a hold of another limit', [[3, 1]], '20 no-hold'],
    ['less than the use', [[1, 8]], '12 above-hold'],
    ['a closed lease', [[2, 10]], '20 late'],
    ['a lease so old that it is pruned', [[9, 10]], '20 late'],
  ] as [string, [number, number][], string][])('%s', (_, parts, said) => {
    expect(whyOf(...parts)).toEqual([said]);
  });
});

describe('what is taken back', () => {
  const [entry] = eventsOf([{ tokens: 7, parts: [] }]);
  const back = (more: Partial<OpenCounter>, locked: Partial<LockedCounter>) => {
    const open = counter('tokens', more);
    const { project, customer, name, windowStart } = open;
    const key = { project, customer, name, windowStart };
    const none = { used: 20, leased: 0, amount: 30, forgiven: 0, freshFrom: null, isHard: true };
    const uses = usesOf([open], [], entry ? [entry] : []);
    return settleBatch(uses, [{ ...key, ...none, ...locked }], []).counters.map(
      ({ used, forgiven }) => ({ used, forgiven }),
    );
  };

  it('is taken off what was used, and never below nothing', () => {
    expect(back({}, {})).toEqual([{ used: -7, forgiven: 0 }]);
    expect(back({}, { used: 5 })).toEqual([{ used: -5, forgiven: 0 }]);
  });

  it('stays counted in a window that does not begin on a quarter of an hour', () => {
    expect(back({ isOnQuarters: false }, {})).toEqual([]);
  });

  it('leaves with what was forgiven, where it had been', () => {
    expect(back({}, { forgiven: 5 })).toEqual([{ used: -7, forgiven: -5 }]);
    expect(back({}, { forgiven: 5, freshFrom: NOW + 1 })).toEqual([{ used: -7, forgiven: -5 }]);
    const before = NOW - AHEAD_MS;
    expect(back({}, { forgiven: 5, freshFrom: before })).toEqual([{ used: -7, forgiven: 0 }]);
  });
});

describe('which counters an event counts in', () => {
  const [event] = eventsOf([{ tokens: 7, parts: [] }]);
  const usesIn = (...counters: OpenCounter[]): string[] =>
    usesOf(counters, event ? [event] : []).map((use) => use.counter.name);

  it('both of two windows that overlap, as after a change of time zone, and no other of the limit', () => {
    const at = (hours: number, length: number) => ({
      windowStart: NOW + hours * HOUR_MS,
      windowEnd: NOW + (hours + length) * HOUR_MS,
    });
    const starts = usesOf(
      [at(-30, 24), at(-6, 24), at(-2, 5), at(0, 1), at(1, 24)].map((window) =>
        counter('day', window),
      ),
      event ? [event] : [],
    ).map((use) => (use.counter.windowStart - NOW) / HOUR_MS);
    expect(starts.sort((a, b) => a - b)).toEqual([-6, -2, 0]);
  });

  it('none of another customer, group or scope, and none of which it uses nothing', () => {
    expect(
      usesIn(
        counter('mine'),
        counter('group', { modelGroup: 'premium' }),
        counter('other group', { modelGroup: 'standard' }),
        counter('other customer', { customer: 'globex', scopeValue: 'globex' }),
        counter('other project', { project: 'other' }),
        counter('user', { scope: 'user', scopeValue: 'u-1' }),
        counter('images', { unit: 'images' }),
      ),
    ).toEqual(['mine', 'group']);
  });
});
