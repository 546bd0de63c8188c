import { Module, type OnModuleInit, type Provider } from '@nestjs/common';
import { Readiness, type Log, type LogLogger } from '@tallyward/platform';
import { FoldEvents } from '../load-warehouse/fold-events';
import { KeyPruning } from '../load-warehouse/key-pruning';
import { LoadWarehouseModule } from '../load-warehouse/load-warehouse.module';
import { OwnedPartitions } from '../load-warehouse/owned-partitions';
import { proofOf } from '../reconcile/log-fold';
import { LOG_PORT, SERVICE_LOG } from '../resources';
import {
  KeyPruningStore,
  PROOF_FOLD_STORE,
  proofFoldStore,
  ProgressStore,
  type FoldStore,
} from '../storage/postgres';
import { ProofsFold } from './proofs-fold';
import { PROOF_PARTITIONS, ProofsConsumer } from './proofs.consumer';
import { PROVEN_LOG, ProofsProgress } from './proofs-progress';
import type { ProvenEvent } from './proven-event';

const PROOF_PRUNING = Symbol('the pruning of the proofs fold’s keys');

/** Nothing rebuilds proofs beside the live ones, so nothing is left half swapped. */
const NO_REBUILDS = { recover: () => Promise.resolve() };

const partitions: Provider = {
  provide: PROOF_PARTITIONS,
  inject: [PROOF_FOLD_STORE, SERVICE_LOG],
  useFactory: (store: FoldStore<ProvenEvent>, lines: LogLogger) =>
    new OwnedPartitions(store, new ProofsFold(store, new FoldEvents(lines, 'proofs')), NO_REBUILDS),
};

const pruning: Provider = {
  provide: PROOF_PRUNING,
  inject: [ProgressStore, KeyPruningStore, LOG_PORT, SERVICE_LOG],
  useFactory: (progress: ProgressStore, keys: KeyPruningStore, log: Log, lines: LogLogger) =>
    new KeyPruning(PROVEN_LOG, { progress, keys }, log, lines),
};

/** Folds the usage log a third time, into what it proves. */
@Module({
  imports: [LoadWarehouseModule],
  providers: [proofFoldStore(proofOf), partitions, pruning, ProofsConsumer, ProofsProgress],
  exports: [ProofsProgress],
})
export class LogProofsModule implements OnModuleInit {
  constructor(
    private readonly readiness: Readiness,
    private readonly consumer: ProofsConsumer,
  ) {}

  onModuleInit(): void {
    this.consumer.addTo(this.readiness);
  }
}
