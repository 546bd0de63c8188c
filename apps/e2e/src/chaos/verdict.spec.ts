import { usageEvent } from '@tallyward/testing';
import type { Counted } from './counted';
import { accountOf, identityOf, Truth } from './truth';
import { judge } from './verdict';

const EVENT = usageEvent({ id: 'e1', customer: 'c1', inputTokens: 7, outputTokens: 3 });
const ID = identityOf('demo', 'c1', 'e1');
const ACCOUNT = accountOf('demo', 'c1');
const ONCE = { calls: 1, inputTokens: 7, outputTokens: 3 };

const RIGHT: Counted = {
  inLog: new Set([ID]),
  totals: new Map([[ACCOUNT, ONCE]]),
  warehouse: new Map([[ID, 1]]),
  warehouseSums: new Map([[ACCOUNT, ONCE]]),
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
    expect(verdict({ inLog: new Set() })).toEqual([1, 0, 0]);
    expect(verdict({ totals: new Map() })).toEqual([1, 0, 1]);
    expect(verdict({ warehouse: new Map(), warehouseSums: new Map() })).toEqual([1, 0, 1]);
  });

  it('sees what counts twice', () => {
    const twice = { calls: 2, inputTokens: 14, outputTokens: 6 };
    expect(verdict({ totals: new Map([[ACCOUNT, twice]]) })).toEqual([0, 1, 1]);
    expect(verdict({ warehouse: new Map([[ID, 2]]) })).toEqual([0, 1, 0]);
  });

  it('sees what counts though it was refused, and not what nobody was told of', () => {
    const stranger = identityOf('demo', 'c1', 'too-old');
    const counted = { ...RIGHT, warehouse: new Map([...RIGHT.warehouse, [stranger, 1]]) };
    expect(judge(acked(), counted).doubled).toBe(1);
    const unanswered = acked();
    unanswered.sent('demo', { ...EVENT, id: 'too-old' });
    expect(judge(unanswered, counted).doubled).toBe(0);
  });

  it('sees sums that are not those of the events', () => {
    const off = new Map([[ACCOUNT, { ...ONCE, outputTokens: 4 }]]);
    expect(verdict({ totals: off })).toEqual([0, 0, 1]);
    expect(verdict({ warehouseSums: off })).toEqual([0, 0, 1]);
  });
});
