import { Inject, Injectable } from '@nestjs/common';
import { TOPICS } from '@tallyward/contracts';
import { reclaimStep } from '@tallyward/domain';
import { crashPoint, type Log } from '@tallyward/platform';
import { LOG_PORT } from '../resources';
import { within } from '../storage/bounded';
import type { CounterKey } from '../storage/leases/counters';
import { counterOf } from '../storage/leases/leases';
import { ReclaimStore, type ReclaimTransaction } from '../storage/leases/reclaim-store';
import type { Return } from '../storage/leases/returns';
import { leaseMetrics } from './lease-metrics';

/** Leases that one transaction marks, or closes. */
export const RECLAIM_LEASES = 500;
/** Transactions of each kind in one round; the rest waits for the next. */
export const RECLAIM_TRANSACTIONS = 20;
/** A log that does not tell its end in this time is away. */
const END_DEADLINE_MS = 2_000;

/** What one round has closed. */
export interface Reclaimed {
  readonly marked: number;
  readonly closed: number;
  /** The counters that have more left now. */
  readonly freed: readonly CounterKey[];
}

/**
 * Closes leases whose time has passed (PROTOCOL 15): first their log's end is kept with them, then,
 * once the fold is there, what is outstanding goes back to the counter. Any number of instances may
 * do so; each has its own word on when the log was last away.
 */
@Injectable()
export class Reclaim {
  /** Null: the log is away, or was never seen. */
  private logBackAt: number | null = null;

  constructor(
    private readonly store: ReclaimStore,
    @Inject(LOG_PORT) private readonly log: Pick<Log, 'admin'>,
  ) {}

  async round(): Promise<Reclaimed> {
    const now = await this.store.clock();
    // After the clock: all that was appended in time lies before these ends.
    const ends = await this.ends();
    let marked = 0;
    if (ends && this.logBackAt !== null && this.logBackAt <= now) {
      marked = await this.mark(now, ends, this.logBackAt);
    }
    return { marked, ...(await this.closeFolded()) };
  }

  private async ends(): Promise<Map<number, bigint> | null> {
    try {
      const ends = await within(
        END_DEADLINE_MS,
        this.log.admin.endOffsets(TOPICS.usageEvents.name),
      );
      this.logBackAt ??= await this.store.clock();
      return ends;
    } catch {
      this.logBackAt = null;
      return null;
    }
  }

  private async mark(now: number, ends: Map<number, bigint>, logBackAt: number): Promise<number> {
    let all = 0;
    for (let turn = 0; turn < RECLAIM_TRANSACTIONS; turn += 1) {
      const marked = await this.store.reclaim((transaction) =>
        markDue(transaction, now, ends, logBackAt),
      );
      all += marked;
      if (marked < RECLAIM_LEASES) break;
    }
    return all;
  }

  private async closeFolded(): Promise<Omit<Reclaimed, 'marked'>> {
    let closed = 0;
    const freed: CounterKey[] = [];
    for (let turn = 0; turn < RECLAIM_TRANSACTIONS; turn += 1) {
      const returns = await this.store.reclaim(closeDue);
      closed += returns.length;
      freed.push(...returns.filter((one) => one.freed > 0).map(({ lease }) => lease));
      leaseMetrics().reclaimed.add(returns.length);
      leaseMetrics().reclaimedUnits.add(returns.reduce((sum, one) => sum + one.freed, 0));
      if (returns.length < RECLAIM_LEASES) break;
    }
    return { closed, freed };
  }
}

async function markDue(
  transaction: ReclaimTransaction,
  now: number,
  ends: ReadonlyMap<number, bigint>,
  logBackAt: number,
): Promise<number> {
  const due = await transaction.dueLeases(now, RECLAIM_LEASES);
  const marks = due.flatMap((lease) => {
    const end = ends.get(lease.partition);
    const log = { logBackAt, end: end === undefined ? null : Number(end), foldedTo: 0 };
    const step = reclaimStep(lease, lease.logEnd, now, log);
    return step.kind === 'mark' ? [{ lease: lease.id, end: step.end }] : [];
  });
  if (marks.length > 0) await transaction.markLeases(marks);
  crashPoint('leases.after-marks');
  return marks.length;
}

/** Counters are locked before their leases, and the fold's progress was read before both. */
async function closeDue(transaction: ReclaimTransaction): Promise<Return[]> {
  const candidates = await transaction.foldedLeases(RECLAIM_LEASES);
  if (candidates.length === 0) return [];
  const foldedTo = await transaction.foldedTo();
  const counters = new Map(candidates.map((lease) => [counterOf(lease), lease]));
  await transaction.lockCounters([...counters.values()]);
  const leases = await transaction.lockLeases(candidates.map(({ id }) => id));
  const now = await transaction.clock();
  const closed = leases.flatMap((lease): Return[] => {
    const folded = foldedTo.get(lease.partition) ?? 0;
    const log = { logBackAt: 0, end: null, foldedTo: folded };
    const step = reclaimStep(lease, lease.logEnd, now, log);
    if (step.kind !== 'reclaim') return [];
    return [{ lease: { ...lease, open: false }, freed: step.change.freed }];
  });
  if (closed.length > 0) await transaction.saveReturns(closed);
  crashPoint('leases.after-reclaim');
  return closed;
}
