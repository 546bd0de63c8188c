import { DataSource } from 'typeorm';
import { FoldStore } from './fold-store';

/** The store of the fold of the decision log. */
export const DECISION_FOLD_STORE = Symbol('the store of the decision fold');
export const decisionFoldStore = {
  provide: DECISION_FOLD_STORE,
  inject: [DataSource],
  useFactory: (dataSource: DataSource) => new FoldStore(dataSource, 'decisions'),
};

/** The live fold's store, over the process's own pool. */
export const liveFoldStore = {
  provide: FoldStore,
  inject: [DataSource],
  useFactory: (dataSource: DataSource) => new FoldStore(dataSource, 'live'),
};
