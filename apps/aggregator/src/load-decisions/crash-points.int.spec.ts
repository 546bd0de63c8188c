import { KILLED_AT, leftAfterKills } from '../load-warehouse/killed-fold.builder';
import { decided, decisionEntryOf, decisionsView } from './decided.builder';
import { DECISION_LOG } from './decision-row';

jest.setTimeout(300_000);

describe('kill -9 while decisions are folded', () => {
  it.concurrent.each(KILLED_AT)('at %s loses none and doubles none', async (_, points) => {
    const sent = Array.from({ length: 60 }, (_, n) => decided({ customer: `c-${n % 7}` }));
    const entries = sent.map(decisionEntryOf);
    const { deaths, left } = await leftAfterKills(DECISION_LOG, points, entries, decisionsView);
    expect(deaths).toEqual(points);
    const ids = left.map((row) => row['decision_id']);
    expect(ids.sort()).toEqual(sent.map(({ decisionId }) => decisionId).sort());
  });
});
