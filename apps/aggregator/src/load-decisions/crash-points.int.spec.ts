import { testbed, Trap, type Testbed } from '@tallyward/testing';
import { join } from 'node:path';
import { foldBed, type FoldBed } from '../load-warehouse/fold-bed.builder';
import {
  appendDecisions,
  decided,
  decisionEntryOf,
  decisionsLanded,
  decisionsView,
} from './decided.builder';

jest.setTimeout(300_000);

/** Places between two effects of the fold; the last needs an insert that is open before. */
const POINTS = [
  ['warehouse.after-keys'],
  ['warehouse.after-intent'],
  ['warehouse.after-insert'],
  ['warehouse.after-intent', 'warehouse.after-finishing-insert'],
];
const NAMED = POINTS.map((points) => [points.join(', then '), points] as const);

describe('kill -9 while decisions are folded', () => {
  it.concurrent.each(NAMED)('at %s loses none and doubles none', async (_, points) => {
    const bed: FoldBed<Testbed> = await foldBed(await testbed());
    try {
      const trap = new Trap(join(bed.bed.directory, 'trap'));
      trap.set(points);
      const sent = Array.from({ length: 60 }, (_, n) => decided({ customer: `c-${n % 7}` }));
      const entries = sent.map(decisionEntryOf);
      for (const life of points.keys()) {
        const spawned = bed.bed.spawnService('aggregator', trap.environment());
        if (life === 0) {
          await spawned;
          await appendDecisions(bed.appender, [...entries, ...entries.slice(0, 9)]);
        } else spawned.catch(() => undefined);
        await trap.sprung(life + 1);
      }
      expect(trap.deaths()).toEqual(points);
      const service = await bed.bed.spawnService('aggregator');
      await appendDecisions(bed.appender, entries.slice(20, 25));
      await decisionsLanded(bed);
      const ids = (await decisionsView(bed)).map((row) => row['decision_id']);
      expect(ids.sort()).toEqual(sent.map(({ decisionId }) => decisionId).sort());
      await service.stop();
    } finally {
      await bed.close();
    }
  });
});
