import { usageEvent } from '@tallyward/testing';
import type { Counted } from './counted';
import { accountOf, eventOf, Truth } from './truth';
import { judge } from './verdict';

const EVENT = usageEvent({ id: 'e1', customer: 'c1', inputTokens: 7, outputTokens: 3 });
const ACCOUNT = accountOf('demo', 'c1');
const ONCE = { calls: 1, inputTokens: 7, outputTokens: 3 };
const NAME = eventOf(ACCOUNT, 'e1', ONCE);

const RIGHT: Counted = {
  log: [{ event: NAME, place: '3/0' }],
  totals: new Map([[ACCOUNT, ONCE]]),
  warehouse: new Map([[NAME, 1]]),
  warehouseSums: new Map([[ACCOUNT, ONCE]]),
  setAside: { quarantine: [], warehouse: [], published: [] },
};

function acked(): Truth {
  const truth = new Truth();
  truth.sent('demo', EVENT);
  truth.acked('demo', EVENT);
  truth.acked('demo', EVENT);
  return truth;
}

const verdict = (change: Partial<Counted>) => {
  const { lost, doubled, unequal } = judge(acked(), { ...RIGHT, ...change });
  return [lost, doubled, unequal];
};

describe('the verdict of the crash matrix', () => {
  it('is clean when each acked event counts once in every place', () => {
    expect(verdict({})).toEqual([0, 0, 0]);
  });

  it('sees what was acked and is lost, wherever it is missing', () => {
    expect(verdict({ log: [] })).toEqual([1, 0, 0]);
    expect(verdict({ totals: new Map() })).toEqual([1, 0, 1]);
    expect(verdict({ warehouse: new Map(), warehouseSums: new Map() })).toEqual([1, 0, 1]);
  });

  it('sees what counts twice', () => {
    const twice = { calls: 2, inputTokens: 14, outputTokens: 6 };
    expect(verdict({ totals: new Map([[ACCOUNT, twice]]) })).toEqual([0, 1, 1]);
    expect(verdict({ warehouse: new Map([[NAME, 2]]) })).toEqual([0, 1, 0]);
  });

  it('sees what counts though it was refused, and not what nobody was told of', () => {
    const stranger = eventOf(ACCOUNT, 'too-old', ONCE);
    const counted = { ...RIGHT, warehouse: new Map([...RIGHT.warehouse, [stranger, 1]]) };
    expect(judge(acked(), counted).doubled).toBe(1);
    const unanswered = acked();
    unanswered.sent('demo', { ...EVENT, id: 'too-old' });
    expect(judge(unanswered, counted).doubled).toBe(0);
  });

  it('sees another content counted under the id', () => {
    const other = eventOf(ACCOUNT, 'e1', { inputTokens: 7, outputTokens: 4 });
    expect(verdict({ warehouse: new Map([[other, 1]]) })).toEqual([1, 1, 0]);
  });

  it('sees sums that are not those of the events', () => {
    const off = new Map([[ACCOUNT, { ...ONCE, outputTokens: 4 }]]);
    expect(verdict({ totals: off })).toEqual([0, 0, 1]);
    expect(verdict({ warehouseSums: off })).toEqual([0, 0, 1]);
  });
});
