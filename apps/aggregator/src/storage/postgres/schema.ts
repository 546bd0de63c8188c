/** The Postgres schema this service owns; nobody else writes in it. */
export const SCHEMA = 'aggregator';

/**
 * Which table a fold fills: `live` the usage events that reports read, `next` those that a rebuild
 * is filling beside them, `decisions` the decision log, `records` the billing records; `proofs`
 * fills none: it proves the usage log, in Postgres. Each has dedup state of its own, so that a
 * rebuild owes nothing to what it checks.
 */
export type Fold = 'live' | 'next' | 'decisions' | 'proofs' | 'records';

/** Tables of each fold's keys and of what it set aside; a swap renames them. */
export const FOLD_TABLES: Readonly<
  Record<Fold, { readonly keys: string; readonly parked: string }>
> = {
  live: { keys: 'usage_key', parked: 'parked_entry' },
  next: { keys: 'usage_key_next', parked: 'parked_entry_next' },
  decisions: { keys: 'decision_key', parked: 'parked_decision' },
  proofs: { keys: 'proof_key', parked: 'parked_proof' },
  records: { keys: 'record_key', parked: 'parked_record' },
};
