export * from './schema';
export * from './tables';
export * from './open';
export { FoldStore } from './fold-store';
export type { OpenIntent } from './fold-steps';
export { ProgressStore, type PartitionProgress } from './progress-store';
export { foldStoreOf, liveFoldStore, PROOF_FOLD_STORE, proofFoldStore } from './providers';
export { KeyPruningStore } from './key-pruning.store';
export { RebuildStore, type RebuildLock } from './rebuild-store';
