import { type QuotaGrant, quotaGrant, TOPICS } from '@tallyward/contracts';
import { crashPoint } from '@tallyward/platform';
import type { CounterKey, UsagePlace } from '../storage/leases/counters';
import type { LeaseTransaction } from '../storage/leases/lease-store';
import type { StoredLease } from '../storage/leases/leases';
import type { OutOfTurn } from '../take-in-turn';
import { askersOf, keyOf } from './askers';
import { CounterBook } from './counter-book';
import {
  decideAsk,
  type DecidedAsk,
  type DraftLease,
  type Grant,
  type HeldElsewhere,
  type Refusal,
} from './decide-asks';
import { heldOf, lockAll } from './lock-all';
import { planAsks } from './planned-asks';
import type { LeaseReturned, ReadAsks } from './read-asks';
import { lessReturns, returnsOf } from './returns';
import type { KnownTiers } from './tier-rules';

/** A gateway repeats its ask each second: one that is older was answered, or is forgotten. */
export const ASK_OLD_MS = 30_000;
/** Leases that one batch recalls, the newest first; who is refused again recalls more. */
export const MOST_RECALLED = 5_000;

/** What came of a batch: what gateways are to be told, and what is counted. */
export interface TakenAsks {
  readonly kind: 'taken';
  readonly answers: readonly QuotaGrant[];
  readonly recalled: readonly StoredLease[];
  /** Counters on which something came back. */
  readonly freed: readonly CounterKey[];
  readonly decided: readonly DecidedAsk[];
  readonly repeated: number;
  readonly old: number;
  /** Asks of customers that a change has locked: gateways repeat them. */
  readonly putOff: number;
  /** What came back of such customers: to be taken with the next batch. */
  readonly later: readonly LeaseReturned[];
  readonly unknownProject: number;
}

export type AsksAnswer = TakenAsks | OutOfTurn;

/** What outlives a batch, in memory. */
export interface Known {
  readonly tiers: KnownTiers;
  readonly heldElsewhere: HeldElsewhere;
}

/**
 * Takes a batch of asks in the caller's transaction: the fence, what came back, then asks in their
 * order. Locks, in the order that everybody keeps: the progress of the asks, that of the usage log
 * where something is to be made, counters by key, leases by id.
 */
export async function takeAsks(
  transaction: LeaseTransaction,
  batch: ReadAsks,
  from: bigint,
  known: Known,
): Promise<AsksAnswer> {
  crashPoint('leases.before-progress');
  const advanced = await transaction.advance({ ...batch, from });
  if (advanced.kind !== 'advanced') return advanced;
  crashPoint('leases.after-progress');
  const now = await transaction.clock();
  const young = batch.asks.filter(({ appendedAt }) => appendedAt > now - ASK_OLD_MS);
  const asks = [...new Map(young.map(({ ask }) => [ask.ask, ask])).values()];
  const before = await transaction.answersTo(asks.map(({ ask }) => ask));
  const repeated = new Set(before.map(({ id }) => id));
  const unanswered = asks.filter(({ ask }) => !repeated.has(ask));
  const inChange = await inChangeOf(transaction, [...unanswered, ...batch.returned]);
  const fresh = unanswered.filter((ask) => !inChange.has(keyOf(ask)));
  const returned = batch.returned.filter((one) => !inChange.has(keyOf(one)));
  const place = { topic: TOPICS.usageEvents.name, partition: batch.partition };
  const askers = await askersOf(transaction, place, fresh, now);
  const planned = await planAsks(transaction, known.tiers, fresh, askers, now);
  const locked = await lockAll(transaction, place, planned, { returned }, now);
  const returns = returnsOf(returned, locked.leases);
  if (returns.length > 0) {
    await transaction.saveReturns(returns);
    crashPoint('leases.after-returns');
  }
  const { at, foldedTo } = await transaction.clockAndFold(place);
  const rows = lessReturns(locked.counters, returns);
  const held = heldOf(rows, locked.drawn);
  const counters = await transaction.replenish(held, at);
  crashPoint('leases.after-amounts');
  const book = new CounterBook(counters, locked.found, rows);
  const decided = planned.map((one) =>
    decideAsk(one, book, { at, foldedTo, place }, known.heldElsewhere),
  );
  const answers = await writeDecided(transaction, place, book, decided);
  if (answers.length > 0) {
    const kept = answers.map((answer) => ({ id: answer.ask, answer }));
    await transaction.keepAnswers(at, kept);
    crashPoint('leases.after-answers');
  }
  return {
    kind: 'taken',
    answers: [...before.map(({ answer }) => quotaGrant.parse(answer)), ...answers],
    recalled: await transaction.outstandingLeases(
      decided.flatMap((one) => one.held),
      MOST_RECALLED,
    ),
    freed: returns.filter(({ freed }) => freed > 0).map(({ lease }) => lease),
    decided,
    repeated: repeated.size,
    old: batch.asks.length - young.length,
    putOff: unanswered.length - fresh.length,
    later: batch.returned.filter((one) => inChange.has(keyOf(one))),
    unknownProject: fresh.length - planned.length,
  };
}

/**
 * Customers that a change has locked, by key. A large change takes seconds: nobody else's asks wait
 * for it, since one batch that waits holds up all partitions that are read with it.
 */
async function inChangeOf(
  transaction: LeaseTransaction,
  said: readonly { readonly project: string; readonly customer: string }[],
): Promise<Set<string>> {
  const customers = new Map(said.map((one) => [keyOf(one), one]));
  const locked = await transaction.customersInChange([...customers.values()]);
  return new Set(locked.map(keyOf));
}

/** Writes what was decided; answers the answers, with the numbers of their leases. */
async function writeDecided(
  transaction: LeaseTransaction,
  place: UsagePlace,
  book: CounterBook,
  decided: readonly DecidedAsk[],
): Promise<(Grant | Refusal)[]> {
  if (book.toOpen().length > 0) await transaction.openCounters(place, book.toOpen());
  const drafts = decided.flatMap(({ leases }) => leases);
  const numbers = await transaction.grantLeases(drafts);
  crashPoint('leases.after-grants');
  let next = 0;
  return decided.map(({ answer, leases }) => {
    if (answer.type === 'lease.refused') return answer;
    return { ...answer, leases: leases.map((draft) => grantedLease(draft, numbers[next++])) };
  });
}

function grantedLease(draft: DraftLease, number: number | undefined): Grant['leases'][number] {
  if (number === undefined) throw new Error('a lease was written and has no number');
  const { name, windowStart, granted, issuedAt, spendUntil, settleUntil, window } = draft;
  const what = { id: String(number), counter: `${name}@${windowStart}`, limit: name };
  return { ...what, amount: granted, issuedAt, spendUntil, settleUntil, window };
}
