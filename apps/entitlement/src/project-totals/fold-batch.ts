import {
  countOnce,
  foldTotals,
  type Judged,
  type LoggedEvent,
  partitionKey,
  takeFromTotals,
  type UsageEvent,
} from '@tallyward/domain';
import { crashPoint } from '@tallyward/platform';
import type { Seen } from '../storage/customers/see-customers';
import type { FoldTransaction } from '../storage/totals/fold-transaction';
import type { NewKey } from '../storage/totals/keys';
import type { OutOfTurn } from '../take-in-turn';
import { proofOf } from './digests';
import {
  type Candidate,
  conflicts,
  eventsAt,
  type ReadAt,
  type ReadBatch,
  type VoidCandidate,
} from './read-batch';
import { namedLeases, settleBatch } from './settle-batch';
import { usesOf } from './uses-of';

/** What one batch added. */
export interface FoldCounts {
  readonly counted: number;
  readonly duplicates: number;
  readonly conflicts: number;
  /** Events that were taken back. */
  readonly voided: number;
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
  'totals.after-renewed',
  'totals.after-voids',
  'totals.after-counters',
  'totals.after-leases',
  'totals.after-overruns',
  'totals.after-commit',
  'totals.after-owners',
] as const;

/**
 * Folds a batch in the caller's transaction (PROTOCOL 20): the fence, keys, what is set aside,
 * totals, customers that are new, counters and leases. `from` is what the store's next offset must
 * be: the batch's first, or an earlier one if the log is known to hold nothing in between. An event
 * of an earlier batch that a void takes back is read in the log: no store has it whole.
 */
export async function foldBatch(
  transaction: FoldTransaction,
  batch: ReadBatch,
  from: bigint,
  readAt: ReadAt,
): Promise<FoldAnswer> {
  const { partition } = batch;
  await transaction.holdCustomers(
    batch.candidates.flatMap((one) => (one.event === null ? [one.voids] : [])),
  );
  crashPoint('totals.before-progress');
  const advanced = await transaction.advance({ ...batch, from });
  if (advanced.kind !== 'advanced') return advanced;
  crashPoint('totals.after-progress');
  const { counted, taken, duplicates, conflicting } = await judge(transaction, batch);
  crashPoint('totals.after-keys');
  const parked = [...batch.parked, ...conflicting];
  if (parked.length > 0) {
    await transaction.park(parked);
    crashPoint('totals.after-quarantine');
  }
  const takenBack = await eventsTaken(batch, taken, readAt);
  const rows = foldTotals(eventsOf(counted), proofOf);
  takeFromTotals(eventsOf(takenBack), proofOf, rows);
  await transaction.addTotals(partition, [...rows.values()]);
  crashPoint('totals.after-totals');
  await transaction.seeCustomers(firstSeen(counted));
  crashPoint('totals.after-customers');
  if (taken.length > 0) {
    await transaction.tellVoids(taken.map(({ entry }) => entry.voids));
    crashPoint('totals.after-voids');
  }
  await settle(transaction, counted, takenBack);
  const voided = takenBack.length;
  const counts = { counted: counted.length, duplicates, conflicts: conflicting.length, voided };
  const elsewhere = counted.flatMap(({ event }) => (isSettledElsewhere(event) ? [event] : []));
  return { kind: 'folded', counts: { ...counts, parked: byReason(parked) }, elsewhere };
}

/** Each event that is taken back, at the place of its void. */
async function eventsTaken(
  batch: ReadBatch,
  taken: readonly Taken[],
  readAt: ReadAt,
): Promise<LoggedEvent[]> {
  const places = taken.map(({ of }) => of);
  const events = await eventsAt(batch, places, readAt);
  return taken.map(({ entry: { partition, offset, appendedAt }, of }) => {
    const event = events.get(of);
    if (!event) throw new Error(`the log has no event at offset ${of}, which ${offset} voids`);
    return { partition, offset, appendedAt, event };
  });
}

/**
 * What counts is added to the counters that are open, and paid by the leases that holds name; what
 * is taken back is taken off.
 */
async function settle(
  transaction: FoldTransaction,
  counted: readonly LoggedEvent[],
  takenBack: readonly LoggedEvent[],
): Promise<void> {
  const open = await transaction.countersOf(eventsOf([...counted, ...takenBack]));
  const uses = usesOf(open, counted, takenBack);
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

type Entry = Candidate | VoidCandidate;
type Verdicts = Judged<Entry>['verdicts'];
type Taken = Extract<Verdicts[number], { kind: 'voids' }>;

const eventsOf = (entries: readonly LoggedEvent[]) => entries.map(({ event }) => event);
const identityOf = ({ identity }: Entry): string => identity;

const keysOf = (changed: Judged<Entry>['changed']): NewKey[] =>
  [...changed].map(([identity, key]) => ({ identity, ...key }));

/**
 * Which events count, and which are taken back: the batch alone says what its keys would be, and
 * where one stood before, that one decides.
 */
async function judge(transaction: FoldTransaction, batch: ReadBatch) {
  const { partition, candidates } = batch;
  const alone = countOnce<Entry>(candidates, identityOf, new Map());
  const known = await transaction.insertKeys(partition, keysOf(alone.changed));
  crashPoint('totals.after-new-keys');
  const { verdicts, changed } =
    known.size === 0 ? alone : countOnce<Entry>(candidates, identityOf, known);
  const replaced = new Map([...changed].filter(([identity]) => known.has(identity)));
  if (replaced.size > 0) {
    await transaction.replaceKeys(partition, keysOf(replaced));
    crashPoint('totals.after-reused');
  }
  const counted = verdicts.flatMap((verdict) => (verdict.kind === 'counts' ? [verdict.entry] : []));
  const taken = verdicts.filter((verdict): verdict is Taken => verdict.kind === 'voids');
  const conflicting = verdicts.flatMap((verdict) => (verdict.kind === 'conflict' ? [verdict] : []));
  const again = verdicts.filter(({ kind }) => kind === 'duplicate' || kind === 'repeated');
  const parked = conflicts(batch, conflicting);
  return { counted, taken, duplicates: again.length, conflicting: parked };
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
