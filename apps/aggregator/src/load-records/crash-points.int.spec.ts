import { KILLED_AT, leftAfterKills } from '../load-warehouse/killed-fold.builder';
import { billed, recordEntryOf, recordsView } from './billed.builder';
import { RECORD_LOG } from './record-row';

jest.setTimeout(300_000);

describe('kill -9 while billing records are folded', () => {
  it.concurrent.each(KILLED_AT)('at %s loses none and doubles none', async (_, points) => {
    const sent = Array.from({ length: 60 }, (_, n) =>
      billed({ customer: `c-${n % 7}`, quantity: n, included: n }),
    );
    const entries = sent.map(recordEntryOf);
    const { deaths, left } = await leftAfterKills(RECORD_LOG, points, entries, recordsView);
    expect(deaths).toEqual(points);
    const billedIn = (rows: readonly (readonly [unknown, unknown])[]) =>
      rows.map(([id, quantity]) => `${String(id)}: ${String(quantity)}`).sort();
    expect(billedIn(left.map((row) => [row['record_id'], row['quantity']]))).toEqual(
      billedIn(sent.map(({ recordId, quantity }) => [recordId, quantity])),
    );
  });
});
