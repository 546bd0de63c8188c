import { Module } from '@nestjs/common';
import { TOPICS } from '@tallyward/contracts';
import type { Log, LogLogger } from '@tallyward/platform';
import { FoldEvents } from '../load-warehouse/fold-events';
import { LoadWarehouseModule } from '../load-warehouse/load-warehouse.module';
import { consumerProvider, pruningProvider } from '../load-warehouse/log-fold.module';
import { NO_REBUILDS, OwnedPartitions } from '../load-warehouse/owned-partitions';
import { proofOf } from '../reconcile/log-fold';
import { LOG_PORT, SERVICE_LOG } from '../resources';
import { PROOF_FOLD_STORE, proofFoldStore, type FoldStore } from '../storage/postgres';
import { ProofsFold } from './proofs-fold';
import { PROVEN_LOG, ProofsProgress } from './proofs-progress';
import type { CountedProofs, ProvenEvent } from './proven-event';

const [PARTITIONS, PRUNING, CONSUMER] = ['partitions', 'pruning', 'consumer'].map((what) =>
  Symbol(`${what} of the proofs fold`),
) as [symbol, symbol, symbol];

const FOLLOWED = {
  topic: TOPICS.usageEvents.name,
  group: 'aggregator.proofs',
  check: 'proofs-fold',
} as const;

/** Folds the usage log a third time, into what it proves. */
@Module({
  imports: [LoadWarehouseModule],
  providers: [
    proofFoldStore(proofOf),
    {
      provide: PARTITIONS,
      inject: [PROOF_FOLD_STORE, LOG_PORT, SERVICE_LOG],
      useFactory: (store: FoldStore<ProvenEvent, CountedProofs>, log: Log, lines: LogLogger) =>
        new OwnedPartitions(
          store,
          new ProofsFold(store, log, new FoldEvents(lines, 'proofs')),
          NO_REBUILDS,
        ),
    },
    pruningProvider(PRUNING, PROVEN_LOG),
    consumerProvider(CONSUMER, PARTITIONS, FOLLOWED),
    ProofsProgress,
  ],
  exports: [PROOF_FOLD_STORE, ProofsProgress],
})
export class LogProofsModule {}
