import { TOPICS } from '@tallyward/contracts';
import type { AppendOutcome } from '@tallyward/platform';
import * as fc from 'fast-check';
import type { OutboxHead } from '../storage/outbox/relay-session';
import { planPublications, settledRows, untakenHeads } from './outbox-plan';

const SNAPSHOTS = TOPICS.snapshots.name;
const FACTS = TOPICS.facts.name;
const ACKED: AppendOutcome = { kind: 'acked', place: { topic: '', partition: 0, offset: 0n } };
const UNKNOWN: AppendOutcome = { kind: 'unknown', reason: 'lost' };
const UNTAKEN: AppendOutcome = { kind: 'refused', reason: 'too-large' };

const head = (id: number, topic: string, key: string, bytes = 10): OutboxHead => {
  return { id, topic, key, bytes };
};
const published = (heads: OutboxHead[], bytes = 1_000) =>
  planPublications(heads, bytes).map((each) => each.head.id);

describe('what is published of the outbox', () => {
  it('facts all, in their order; of a project’s snapshots the last', () => {
    const heads = [
      head(1, FACTS, 'a'),
      head(2, SNAPSHOTS, 'p:a'),
      head(3, FACTS, 'a'),
      head(4, SNAPSHOTS, 'p:a'),
      head(5, SNAPSHOTS, 'p:b'),
    ];
    expect(published(heads)).toEqual([1, 3, 4, 5]);
    expect(planPublications(heads, 1_000)[2]?.superseded).toEqual([2]);
  });

  it('every snapshot of a tier or customer, before the project that its change made', () => {
    const heads = [
      head(1, SNAPSHOTS, 't:a:Gold:1'),
      head(2, SNAPSHOTS, 'p:a'),
      head(3, SNAPSHOTS, 't:a:Gold:1'),
      head(4, SNAPSHOTS, 'c:a:acme'),
      head(5, SNAPSHOTS, 'p:a'),
    ];
    expect(published(heads)).toEqual([1, 3, 4, 5]);
    expect(published(heads.slice(0, 4))).toEqual([1, 2, 3, 4]);
  });

  it('no more bytes than a turn may hold, but always one entry', () => {
    const heads = [head(1, FACTS, 'a', 700), head(2, FACTS, 'a', 700), head(3, FACTS, 'a', 1)];
    expect(published(heads, 1_000)).toEqual([1]);
    expect(published([head(1, FACTS, 'a', 5_000)], 1_000)).toEqual([1]);
  });

  it('nothing of a key goes after its first entry that is not known to be in the log', () => {
    const heads = [head(1, FACTS, 'a'), head(2, FACTS, 'a'), head(3, FACTS, 'b')];
    const planned = planPublications(heads, 1_000);
    expect(settledRows(planned, [UNKNOWN, ACKED, ACKED])).toEqual([3]);
    expect(settledRows(planned, [ACKED, UNKNOWN, ACKED])).toEqual([1, 3]);
  });

  it('what is too large for the log holds up nothing of its key, and what it superseded stays', () => {
    const heads = [head(1, SNAPSHOTS, 'p:a'), head(2, SNAPSHOTS, 'p:a'), head(3, FACTS, 'a')];
    const planned = planPublications([...heads, head(4, FACTS, 'a')], 1_000);
    expect(untakenHeads(planned, [UNTAKEN, UNTAKEN, ACKED])).toEqual([heads[1], heads[2]]);
    expect(settledRows(planned, [UNTAKEN, UNTAKEN, ACKED])).toEqual([4]);
  });

  it('a superseded snapshot goes only when its successor is in the log', () => {
    const planned = planPublications([head(1, SNAPSHOTS, 'p:a'), head(2, SNAPSHOTS, 'p:a')], 99);
    expect(settledRows(planned, [UNKNOWN])).toEqual([]);
    expect(settledRows(planned, [ACKED])).toEqual([1, 2]);
  });
});

/**
 * A relay over a log that takes, loses, or takes and does not say so; it may be ended between
 * publishing and deleting. Ids stand for versions: they grow within a key.
 */
describe('whatever the log answers', () => {
  const entry = fc.record({
    topic: fc.constantFrom(SNAPSHOTS, FACTS),
    key: fc.constantFrom('p:a', 'c:a:b'),
  });
  const fate = fc.constantFrom('acked', 'taken-unsaid', 'lost', 'crash-before-delete');

  it('every fact arrives, in order but for repeats, and the last snapshot is the last word', () => {
    fc.assert(
      fc.property(
        fc.array(entry, { maxLength: 30 }),
        fc.array(fate, { maxLength: 60 }),
        fc.integer({ min: 1, max: 12 }),
        (entries, fates, batch) => {
          const all = entries.map(({ topic, key }, at) => head(at + 1, topic, key));
          const log = drain(all, fates, batch);
          for (const key of ['p:a', 'c:a:b']) {
            const facts = idsOf(log, FACTS, key);
            expect(lasts(facts)).toEqual(idsOf(all, FACTS, key));
            expect(idsOf(log, SNAPSHOTS, key).at(-1)).toBe(idsOf(all, SNAPSHOTS, key).at(-1));
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  /** Runs turns until nothing is queued; after its fates are used up the log takes everything. */
  function drain(all: OutboxHead[], fates: string[], batch: number): OutboxHead[] {
    let queued = [...all];
    const log: OutboxHead[] = [];
    const left = [...fates];
    while (queued.length > 0) {
      const planned = planPublications(queued.slice(0, batch), 1_000);
      let crashed = false;
      const outcomes = planned.map((each): AppendOutcome => {
        const met = left.shift() ?? 'acked';
        if (met !== 'lost') log.push(each.head);
        crashed ||= met === 'crash-before-delete';
        return met === 'acked' || met === 'crash-before-delete' ? ACKED : UNKNOWN;
      });
      const gone = crashed ? [] : settledRows(planned, outcomes);
      queued = queued.filter(({ id }) => !gone.includes(id));
    }
    return log;
  }

  const idsOf = (heads: OutboxHead[], topic: string, key: string): number[] =>
    heads.filter((each) => each.topic === topic && each.key === key).map(({ id }) => id);
  /** Each id where it stands last: what is left once repeats are overtaken. */
  const lasts = (ids: number[]): number[] => [...new Set([...ids].reverse())].reverse();
});
