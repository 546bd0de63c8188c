import { countOnce, foldTotals, partitionKey, type UsageEvent } from '@tallyward/domain';
import { crashPoint } from '@tallyward/platform';
import type { Seen } from '../storage/customers/see-customers';
import type { FoldTransaction } from '../storage/totals/fold-transaction';
import type { NewKey } from '../storage/totals/keys';
import type { OutOfTurn } from '../take-in-turn';
import { proofOf } from './digests';
import { type Candidate, conflicts, type ReadBatch } from './read-batch';
import { namedLeases, settleBatch } from './settle-batch';
import { usesOf } from './uses-of';

/** What one batch added. */
export interface FoldCounts {
  readonly counted: number;
  readonly duplicates: number;
  readonly conflicts: number;
  /** How many entries were set aside, by reason. */
  readonly parked: ReadonlyMap<string, number>;
}

export type FoldAnswer =
  | {
      readonly kind: 'folded';
      readonly counts: FoldCounts;
      /** Events that settle a hold of another gateway than the one that appended them. */
      readonly elsewhere: readonly UsageEvent[];
    }
  | OutOfTurn;

/** Where a batch may be cut off: `before` and `after` each effect. */
export const FOLD_CRASH_POINTS = [
  'totals.before-progress',
  'totals.after-progress',
  'totals.after-new-keys',
  'totals.after-keys',
  'totals.after-quarantine',
  'totals.after-totals',
  'totals.after-customers',
  'totals.after-counters',
  'totals.after-leases',
  'totals.after-overruns',
  'totals.after-commit',
  'totals.after-owners',
] as const;

/**
 * Folds a batch in the caller's transaction (PROTOCOL 20): the fence, keys, what is set aside,
 * totals, customers that are new, counters and leases. `from` is what the store's next offset must
 * be: the batch's first, or an earlier one if the log is known to hold nothing in between.
 */
export async function foldBatch(
  transaction: FoldTransaction,
  batch: ReadBatch,
  from: bigint,
): Promise<FoldAnswer> {
  const { partition } = batch;
  crashPoint('totals.before-progress');
  const advanced = await transaction.advance({ ...batch, from });
  if (advanced.kind !== 'advanced') return advanced;
  crashPoint('totals.after-progress');
  const { counted, duplicates, conflicting } = await judge(transaction, batch);
  crashPoint('totals.after-keys');
  const parked = [...batch.parked, ...conflicting];
  if (parked.length > 0) {
    await transaction.park(parked);
    crashPoint('totals.after-quarantine');
  }
  const rows = foldTotals(
    counted.map((candidate) => candidate.event),
    proofOf,
  );
  await transaction.addTotals(partition, [...rows.values()]);
  crashPoint('totals.after-totals');
  await transaction.seeCustomers(firstSeen(counted));
  crashPoint('totals.after-customers');
  await settle(transaction, counted);
  const counts = { counted: counted.length, duplicates, conflicts: conflicting.length };
  const elsewhere = counted.flatMap(({ event }) => (isSettledElsewhere(event) ? [event] : []));
  return { kind: 'folded', counts: { ...counts, parked: byReason(parked) }, elsewhere };
}

/** What counts is added to the counters that are open, and paid by the leases that holds name. */
async function settle(transaction: FoldTransaction, counted: readonly Candidate[]): Promise<void> {
  const open = await transaction.countersOf(counted.map(({ event }) => event));
  const uses = usesOf(open, counted);
  if (uses.length === 0) return;
  const locked = await transaction.lockUsed(uses.map(({ counter }) => counter));
  const leases = await transaction.lockLeases(namedLeases(uses));
  const settled = settleBatch(uses, locked, leases);
  await transaction.addToCounters(settled.counters);
  crashPoint('totals.after-counters');
  if (settled.leases.length > 0) {
    await transaction.payLeases(settled.leases);
    crashPoint('totals.after-leases');
  }
  if (settled.overruns.length > 0) {
    await transaction.keepOverruns(settled.overruns);
    crashPoint('totals.after-overruns');
  }
}

function isSettledElsewhere({ hold }: UsageEvent): boolean {
  return hold !== null && hold.settledBy !== hold.gateway;
}

const identityOf = (candidate: Candidate): string => candidate.identity;

function keyOf({ identity, offset, event }: Candidate): NewKey {
  return { identity, offset, content: event.content, time: event.time };
}

/**
 * Which events count: the first of an identity in the batch tries to insert its key, and where one
 * stood before, that one decides.
 */
async function judge(transaction: FoldTransaction, batch: ReadBatch) {
  const { partition, candidates } = batch;
  const alone = countOnce(candidates, identityOf, new Map());
  const firsts = new Map<string, Candidate>();
  for (const { kind, entry } of alone) {
    if (kind === 'counts' && !firsts.has(entry.identity)) firsts.set(entry.identity, entry);
  }
  const known = await transaction.insertKeys(partition, [...firsts.values()].map(keyOf));
  crashPoint('totals.after-new-keys');
  const verdicts = known.size === 0 ? alone : countOnce(candidates, identityOf, known);
  const counted = verdicts.flatMap((verdict) => (verdict.kind === 'counts' ? [verdict.entry] : []));
  const lasts = new Map(counted.map((candidate) => [candidate.identity, candidate]));
  // Its key is not the one just inserted: an older one no longer vouches, in the store or here.
  const replaced = [...lasts].filter(
    ([identity, last]) => known.has(identity) || last !== firsts.get(identity),
  );
  if (replaced.length > 0) {
    await transaction.replaceKeys(
      partition,
      replaced.map(([, last]) => keyOf(last)),
    );
    crashPoint('totals.after-reused');
  }
  const conflicting = verdicts.flatMap((verdict) => (verdict.kind === 'conflict' ? [verdict] : []));
  const duplicates = candidates.length - counted.length - conflicting.length;
  return { counted, duplicates, conflicting: conflicts(batch, conflicting) };
}

/** Each customer once, with the earliest of its events' times. */
function firstSeen(counted: readonly Candidate[]): Seen[] {
  const seen = new Map<string, Seen>();
  for (const { event } of counted) {
    const { project, customer, time } = event;
    const key = partitionKey(project, customer);
    const before = seen.get(key);
    if (!before || time < before.firstSeen) seen.set(key, { project, customer, firstSeen: time });
  }
  return [...seen.values()];
}

function byReason(parked: readonly { readonly reason: string }[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { reason } of parked) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return counts;
}
