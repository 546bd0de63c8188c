import type { EntityManager } from 'typeorm';
import type { CountedBatch, StoredKey } from '../../load-warehouse/form-batch';

/** What became of a batch in the first transaction. */
export type Taken<B extends CountedBatch = CountedBatch> =
  | { readonly kind: 'taken'; readonly batch: B }
  /** Another owner has moved the partition on: a zombie's batch, of which nothing was stored. */
  | { readonly kind: 'fenced' }
  /** The insert before this one may not have landed: finish it first. */
  | { readonly kind: 'intent-open' }
  /** A rebuild is swapping: later. */
  | { readonly kind: 'closed' };

export interface OpenIntent {
  readonly partition: number;
  readonly from: bigint;
  readonly to: bigint;
  readonly topicIdentity: string;
}

export interface FoldPosition {
  readonly next: bigint;
  readonly topicIdentity: string | null;
  readonly intentOpen: boolean;
}

export type Decide<B extends CountedBatch = CountedBatch> = (
  known: ReadonlyMap<string, StoredKey>,
) => B;

/** Writes what counted in the transaction of its keys: then nothing is left to be inserted. */
export type Keep<B extends CountedBatch> = (manager: EntityManager, batch: B) => Promise<void>;
