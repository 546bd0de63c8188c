import { usageEvent } from '@tallyward/testing';
import { judgeSetAside } from './judge-set-aside';
import type { Logged } from './logged';
import type { SetAsides } from './set-aside';
import { accountOf, eventOf, Truth } from './truth';

const FIRST = usageEvent({ id: 'e1', customer: 'c1', inputTokens: 7, outputTokens: 3 });
const OTHER = usageEvent({ id: 'e1', customer: 'c1', inputTokens: 7, outputTokens: 4 });
const named = (outputTokens: number): string =>
  eventOf(accountOf('demo', 'c1'), 'e1', { inputTokens: 7, outputTokens });

/** The first, the first again, and twice the other: one append of it was not answered. */
const LOG: readonly Logged[] = [3, 3, 4, 4].map((outputTokens, offset) => ({
  event: named(outputTokens),
  place: `5/${offset}`,
}));
const CONFLICTS = ['5/2', '5/3'].map((place) => ({ place, reason: 'id-conflict' }));
const RIGHT: SetAsides = { quarantine: CONFLICTS, warehouse: CONFLICTS, published: CONFLICTS };
const EVERYWHERE = ['quarantine', 'warehouse', 'published'] as const;

const truth = new Truth();
truth.sent('demo', FIRST);
truth.acked('demo', FIRST);
truth.conflicted('demo', OTHER);

function verdict(change: Partial<SetAsides>, log = LOG): number[] {
  const { lost, doubled, unequal } = judgeSetAside(truth, log, { ...RIGHT, ...change });
  return [lost, doubled, unequal];
}

describe('the verdict over what is set aside', () => {
  it('is clean when each entry in conflict is aside once, and nothing else', () => {
    expect(verdict({})).toEqual([0, 0, 0]);
    expect(judgeSetAside(truth, LOG, RIGHT)).toMatchObject({ setAside: 2, faults: [] });
  });

  it.each(EVERYWHERE)('sees a conflict that is missing in %s', (where) => {
    expect(verdict({ [where]: CONFLICTS.slice(0, 1) })).toEqual([1, 0, 0]);
  });

  it('sees a conflict that was acked and is not in the log', () => {
    expect(verdict({ quarantine: [], warehouse: [], published: [] }, LOG.slice(0, 2))).toEqual([
      1, 0, 0,
    ]);
  });

  it.each(['quarantine', 'warehouse'] as const)('sees one that is twice in %s', (where) => {
    expect(verdict({ [where]: [...CONFLICTS, ...CONFLICTS.slice(0, 1)] })).toEqual([0, 1, 0]);
  });

  it('takes no offence at one that was published twice', () => {
    expect(verdict({ published: [...CONFLICTS, ...CONFLICTS] })).toEqual([0, 0, 0]);
  });

  it.each(EVERYWHERE)('sees in %s what has no business there', (where) => {
    const repeat = { place: '5/1', reason: 'id-conflict' };
    expect(verdict({ [where]: [...CONFLICTS, repeat] })).toEqual([0, 0, 1]);
    const otherwise = CONFLICTS.map(({ place }) => ({ place, reason: 'not-json' }));
    expect(verdict({ [where]: otherwise })).toEqual([0, 0, 2]);
  });
});
