import { DataSource } from 'typeorm';
import { FoldStore } from './fold-store';

/** The live fold's store, over the process's own pool. */
export const liveFoldStore = {
  provide: FoldStore,
  inject: [DataSource],
  useFactory: (dataSource: DataSource) => new FoldStore(dataSource, 'live'),
};
