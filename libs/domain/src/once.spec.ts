import fc from 'fast-check';
import { identityText, joinFields, partitionKey, utf8Length } from './identity';
import { isPastHorizon, KEEP_KEYS_MS, PARK_AFTER_MS, prunableBefore } from './horizon';
import { countOnce, type CountedKey } from './once';
import type { LoggedEvent } from './usage-event';
import type { LoggedVoid } from './usage-void';
import { usage } from './usage-event.builder';

const identityOf = (entry: { event: Parameters<typeof identityText>[0] }): string =>
  identityText(entry.event);

const keyOf = ({ offset, event }: LoggedEvent): CountedKey => ({
  offset,
  content: event.content,
  time: event.time,
  voidedAt: null,
});

describe('an event counts once (I2)', () => {
  it('the first offset wins, in the batch and against what counted before', () => {
    const first = usage({ id: 'a', offset: 5n });
    const again = usage({ id: 'a', offset: 6n });
    const other = usage({ id: 'b', offset: 7n });
    const known = new Map([[identityOf(other), keyOf(usage({ offset: 2n }))]]);
    const { verdicts } = countOnce([first, again, other], identityOf, known);
    expect(verdicts).toEqual([
      { kind: 'counts', entry: first },
      { kind: 'duplicate', entry: again, first: 5n },
      { kind: 'duplicate', entry: other, first: 2n },
    ]);
  });

  it('the same id with other content is a conflict, never dropped in silence', () => {
    const first = usage({ id: 'a', offset: 1n, content: 'c1' });
    const other = usage({ id: 'a', offset: 2n, content: 'c2' });
    expect(countOnce([first, other], identityOf, new Map()).verdicts[1]).toEqual({
      kind: 'conflict',
      entry: other,
      first: 1n,
    });
  });

  it('one id under two customers, sources or projects is several events', () => {
    const entries = [
      usage({ id: 'a', offset: 1n }),
      usage({ id: 'a', offset: 2n, customer: 'other' }),
      usage({ id: 'a', offset: 3n, source: 'other' }),
      usage({ id: 'a', offset: 4n, project: 'other' }),
    ];
    const kinds = countOnce(entries, identityOf, new Map()).verdicts.map(({ kind }) => kind);
    expect(kinds).toEqual(['counts', 'counts', 'counts', 'counts']);
  });

  it('a batch formed again after a crash counts what stands at its own offset', () => {
    const entry = usage({ id: 'a', offset: 9n });
    const known = new Map([[identityOf(entry), keyOf(entry)]]);
    expect(countOnce([entry], identityOf, known).verdicts).toEqual([{ kind: 'counts', entry }]);
  });

  it('however a log is cut into batches, the same offsets count', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 2 })), {
          maxLength: 60,
        }),
        fc.integer({ min: 1, max: 20 }),
        (picks, size) => {
          const log = picks.map(([id, content], offset) =>
            usage({ id: `e${id}`, offset: BigInt(offset), content: `c${content}` }),
          );
          const known = new Map<string, CountedKey>();
          const batched = [];
          for (let at = 0; at < log.length; at += size) {
            const judged = countOnce(log.slice(at, at + size), identityOf, known);
            batched.push(...judged.verdicts);
            for (const [identity, key] of judged.changed) known.set(identity, key);
          }
          expect(batched).toEqual(countOnce(log, identityOf, new Map()).verdicts);
        },
      ),
    );
  });
});

describe('a key vouches for 36 days of its time', () => {
  const DAY = 86_400_000;

  it('an id used again after that is a new event, and vouches from then on', () => {
    const first = usage({ id: 'a', offset: 1n, time: 0, appendedAt: DAY });
    const late = { id: 'a', content: 'c2', time: 30 * DAY };
    const kinds = (log: LoggedEvent[]): string[] =>
      countOnce(log, identityOf, new Map()).verdicts.map(({ kind }) => kind);
    const at = (offset: bigint, appendedAt: number): LoggedEvent =>
      usage({ ...late, offset, appendedAt });
    expect(kinds([first, at(2n, PARK_AFTER_MS)])).toEqual(['counts', 'conflict']);
    expect(kinds([first, at(2n, PARK_AFTER_MS + 1), at(3n, PARK_AFTER_MS + 2)])).toEqual([
      'counts',
      'counts',
      'duplicate',
    ]);
  });

  it('whenever keys are pruned, the same offsets count', () => {
    const step = fc.record({
      id: fc.integer({ min: 0, max: 2 }),
      content: fc.integer({ min: 0, max: 1 }),
      waitDays: fc.integer({ min: 0, max: 20 }),
      lateDays: fc.integer({ min: 0, max: 36 }),
      prune: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let now = 100 * DAY;
        const log = steps.map(({ id, content, waitDays, lateDays }, offset) => {
          now += waitDays * DAY;
          const time = now - lateDays * DAY;
          const given = { id: `e${id}`, content: `c${content}`, time, appendedAt: now };
          return usage({ ...given, offset: BigInt(offset) });
        });
        const known = new Map<string, CountedKey>();
        const pruned = log.map((entry, i) => {
          const { verdicts, changed } = countOnce([entry], identityOf, known);
          for (const [identity, key] of changed) known.set(identity, key);
          for (const [identity, key] of steps[i]?.prune ? known : []) {
            if (key.time < prunableBefore([entry.appendedAt])) known.delete(identity);
          }
          return verdicts[0];
        });
        expect(pruned).toEqual(countOnce(log, identityOf, new Map()).verdicts);
      }),
    );
  });
});

const voidOf = (id: string, offset: bigint, appendedAt = 1_700_000_000_000): LoggedVoid => {
  const of = { project: 'demo', customer: 'acme', source: 'app', id };
  const voids = { ...of, reason: 'test', actor: 'spec', receivedAt: appendedAt };
  return { partition: 0, offset, appendedAt, event: null, voids };
};
const keyOfEntry = (entry: LoggedEvent | LoggedVoid): string =>
  identityText(entry.event ?? entry.voids);
const judged = (...log: (LoggedEvent | LoggedVoid)[]): string[] =>
  countOnce(log, keyOfEntry, new Map()).verdicts.map(({ kind }) => kind);

describe('an event that is voided counts for nothing', () => {
  const event = (offset: bigint, given: object = {}): LoggedEvent =>
    usage({ id: 'a', offset, ...given });

  it('after it came: once, and sent again it stays so', () => {
    const log = [
      event(1n),
      voidOf('a', 2n),
      voidOf('a', 3n),
      event(4n),
      event(5n, { content: 'x' }),
    ];
    expect(judged(...log)).toEqual(['counts', 'voids', 'repeated', 'duplicate', 'conflict']);
  });

  it('before it comes, and then as if it had been after', () => {
    const before = [voidOf('a', 1n), event(2n), event(3n), voidOf('a', 4n)];
    expect(judged(...before)).toEqual(['awaits', 'voided', 'duplicate', 'repeated']);
    const key = { content: 'c', time: 1_700_000_000_000 };
    const changedBy = (...log: (LoggedEvent | LoggedVoid)[]) =>
      [...countOnce(log, keyOfEntry, new Map()).changed.values()][0];
    expect(changedBy(voidOf('a', 1n), event(2n))).toEqual({ ...key, offset: 2n, voidedAt: 1n });
    expect(changedBy(event(1n), voidOf('a', 2n))).toEqual({ ...key, offset: 1n, voidedAt: 2n });
  });

  it('a void waits for 36 days of the log, and reaches no further back', () => {
    const late = event(2n, { time: PARK_AFTER_MS, appendedAt: PARK_AFTER_MS + 1 });
    expect(judged(voidOf('a', 1n, 1), late)).toEqual(['awaits', 'voided']);
    expect(judged(voidOf('a', 1n, 0), late)).toEqual(['awaits', 'counts']);
    const old = event(1n, { time: 0, appendedAt: 1 });
    expect(judged(old, voidOf('a', 2n, PARK_AFTER_MS))).toEqual(['counts', 'voids']);
    expect(judged(old, voidOf('a', 2n, PARK_AFTER_MS + 1))).toEqual(['counts', 'awaits']);
  });
});

describe('identity', () => {
  it('different lists of fields never give the same text', () => {
    const fields = fc.array(fc.string({ unit: 'binary', maxLength: 6 }), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(fields, fields, (a, b) => {
        fc.pre(JSON.stringify(a) !== JSON.stringify(b));
        expect(joinFields(a)).not.toBe(joinFields(b));
      }),
      { numRuns: 2000 },
    );
    expect(joinFields(['a', 'b:c'])).not.toBe(joinFields(['a:b', 'c']));
    expect(joinFields(['1', '11'])).not.toBe(joinFields(['11', '1']));
  });

  it('lengths are UTF-8 bytes, as ClickHouse counts them', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(utf8Length(text)).toBe(Buffer.byteLength(text, 'utf8'));
      }),
    );
    expect(utf8Length('\ud800')).toBe(Buffer.byteLength('\ud800', 'utf8'));
  });

  it('the partition key names project and customer', () => {
    expect(partitionKey('demo', 'a:b')).toBe('demo:a:b');
  });
});

describe('the horizon', () => {
  it('parks what the log took more than 36 days after its time', () => {
    expect(isPastHorizon(0, PARK_AFTER_MS)).toBe(false);
    expect(isPastHorizon(0, PARK_AFTER_MS + 1)).toBe(true);
  });

  it('the slowest partition decides which keys may go, never the wall clock', () => {
    expect(prunableBefore([KEEP_KEYS_MS + 500, KEEP_KEYS_MS + 9_000])).toBe(500);
    expect(prunableBefore([])).toBe(Number.NEGATIVE_INFINITY);
  });

  it('a key is kept for as long as an entry could still be folded against it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e12 }),
        fc.integer({ min: 0, max: 1e12 }),
        (time, reached) => {
          // Whatever comes next in any partition is appended at `reached` or later.
          const pruned = time < prunableBefore([reached]);
          if (pruned) expect(isPastHorizon(time, reached)).toBe(true);
        },
      ),
    );
  });
});
