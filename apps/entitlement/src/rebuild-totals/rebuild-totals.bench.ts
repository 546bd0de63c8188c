import 'reflect-metadata';
import { TOPICS } from '@tallyward/contracts';
import {
  appendBenchLog,
  assertEqual,
  consumingBare,
  openBenchLog,
  type Bench,
  type Side,
} from '@tallyward/testing';
import type { Log } from '@tallyward/platform';
import type { DataSource } from 'typeorm';
import { OPERATOR_KEY } from '../entitlement.builder';
import { openStorage } from '../storage/data-source';
import { RebuildStore } from '../storage/totals/rebuild-store';
import { TotalsRebuild } from './rebuild-totals';

const ENTRIES = 200_000;
const QUICK_ENTRIES = 5_000;
const FOLDED_WITHIN_MS = 120_000;
const topic = TOPICS.usageEvents.name;

/** As the command does it: fresh tables, fold, compare, swap. */
function rebuilding(dataSource: DataSource, log: Log, entries: number): Side {
  return {
    name: 'rebuild totals',
    async run() {
      const store = await RebuildStore.open(dataSource, topic);
      try {
        const rebuilt = await new TotalsRebuild(store, log, () => undefined).run();
        assertEqual('entries folded again', rebuilt.entries, entries);
        assertEqual('rows that differ', rebuilt.differing, 0);
      } finally {
        await store.close();
      }
      return entries;
    },
  };
}

export const benches: readonly Bench[] = [
  {
    name: 'rebuild-totals',
    about: 'totals from the log anew, against consuming it and doing nothing',
    async run(run) {
      const bed = await run.bed();
      const log = await openBenchLog(bed);
      const dataSource = await openStorage(bed.postgres.entitlement, 'bench', () => undefined);
      const entries = run.quick ? QUICK_ENTRIES : ENTRIES;
      try {
        await appendBenchLog(log, entries, run.tell);
        const service = await bed.spawnService('entitlement', {
          TALLYWARD_OPERATOR_KEY: OPERATOR_KEY,
        });
        await bed.drained(FOLDED_WITHIN_MS);
        await service.stop();
        const { figures } = await run.compare({
          what: `${entries} entries`,
          ours: rebuilding(dataSource, log, entries),
          bare: [consumingBare(bed, entries, 0.4)],
          rounds: run.quick ? 1 : 5,
          processes: {
            node: 'self',
            postgres: () => bed.pid('postgres'),
            kafka: () => bed.pid('kafka'),
          },
        });
        return figures;
      } finally {
        await dataSource.destroy();
        await log.close();
      }
    },
  },
];
