/** The Postgres schema this service owns; nobody else writes in it. */
export const SCHEMA = 'aggregator';

/**
 * Which warehouse a fold fills: the one that reports read, or the one a rebuild is filling beside
 * it. Each has dedup state of its own, so that a rebuild owes nothing to what it checks.
 */
export type Fold = 'live' | 'next';

/** Tables of each fold's keys and of what it set aside; a swap renames them. */
export const FOLD_TABLES: Readonly<
  Record<Fold, { readonly keys: string; readonly parked: string }>
> = {
  live: { keys: 'usage_key', parked: 'parked_entry' },
  next: { keys: 'usage_key_next', parked: 'parked_entry_next' },
};
