import 'reflect-metadata';
import { TOPICS } from '@tallyward/contracts';
import { assertEqual, rebuildBench, type Bench } from '@tallyward/testing';
import { OPERATOR_KEY } from '../entitlement.builder';
import { openStorage } from '../storage/data-source';
import { RebuildStore } from '../storage/totals/rebuild-store';
import { TotalsRebuild } from './rebuild-totals';

const topic = TOPICS.usageEvents.name;

export const benches: readonly Bench[] = [
  rebuildBench({
    what: 'totals',
    service: 'entitlement',
    env: { TALLYWARD_OPERATOR_KEY: OPERATOR_KEY },
    engines: ['postgres', 'kafka'],
    async open(bed, log) {
      const dataSource = await openStorage(bed.postgres.entitlement, 'bench', () => undefined);
      return {
        async rebuild(entries) {
          const store = await RebuildStore.open(dataSource, topic);
          try {
            const rebuilt = await new TotalsRebuild(store, log, () => undefined).run();
            assertEqual('entries folded again', rebuilt.entries, entries);
            assertEqual('rows that differ', rebuilt.differing, 0);
          } finally {
            await store.close();
          }
        },
        close: () => dataSource.destroy(),
      };
    },
  }),
];
