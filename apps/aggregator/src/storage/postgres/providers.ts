import type { UsageEvent } from '@tallyward/domain';
import { DataSource } from 'typeorm';
import type { CountedProofs, ProvenEvent } from '../../log-proofs/proven-event';
import { FoldStore } from './fold-store';
import { keepProofs } from './log-proofs';
import type { Fold } from './schema';

/** A fold's store, over the process's own pool. */
export const foldStoreOf = (fold: Fold, provide: symbol | typeof FoldStore) => ({
  provide,
  inject: [DataSource],
  useFactory: (dataSource: DataSource) => new FoldStore(dataSource, fold),
});

export const liveFoldStore = foldStoreOf('live', FoldStore);

/** The store of the fold that proves the usage log. */
export const PROOF_FOLD_STORE = Symbol('the store of the proofs fold');
export const proofFoldStore = (proofOf: (event: UsageEvent) => bigint) => ({
  provide: PROOF_FOLD_STORE,
  inject: [DataSource],
  useFactory: (dataSource: DataSource) =>
    new FoldStore<ProvenEvent, CountedProofs>(dataSource, 'proofs', (manager, batch) =>
      keepProofs(manager, batch, proofOf),
    ),
});
