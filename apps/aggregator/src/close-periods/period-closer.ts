import { TOPICS } from '@tallyward/contracts';
import { changedLines, type Limit } from '@tallyward/domain';
import { crashPoint, type Log } from '@tallyward/platform';
import type { ClickHouse } from '../storage/clickhouse';
import type { UpTo } from '../storage/clickhouse/billed-usage';
import { AuditedSubscriptions } from '../storage/postgres/audited-subscriptions';
import { AuditedTotals } from '../storage/postgres/audited-totals';
import { periodText } from '../storage/postgres/billing/billing-keys';
import type { BillingReads } from '../storage/postgres/billing/billing-reads';
import type { BillingWrites } from '../storage/postgres/billing/billing-writes';
import { askLimits } from './ask-limits';
import { billPeriods, type Billed } from './bill-periods';
import type { Closing, HeldBack } from './closing';
import type { ClosingEvents } from './closing-events';
import { DuePass } from './closing-health';
import { findOpen, heldAgain, type Due } from './find-due';
import { nameDifferences } from './name-differences';
import type { OveragesClient } from './overages-client';
import { provable, type Landed } from './provable';
import { agree, provePeriods, type Proven } from './prove-periods';
import { heldBackFact, toldLine } from './record-entry';

/** How long the folds may take to reach the log's end as it was when the look began. */
export const REACHED_WITHIN_MS = 20_000;
/** Looks in which limits may say otherwise than the log, before the period is held back. */
export const PATIENT_LOOKS = 3;
/** Periods whose looks are counted; beyond them, counting begins anew. */
const MOST_DOUBTS = 10_000;

export interface ClosingParts {
  readonly log: Log;
  readonly clickhouse: ClickHouse;
  readonly auditorUrl: string;
  readonly reads: BillingReads;
  readonly writes: BillingWrites;
  readonly warehouse: Landed;
  readonly proofs: Landed;
  readonly overages: Pick<OveragesClient, 'passed'>;
  readonly events: ClosingEvents;
}

/** One look's view: the three sides as of the same offsets. */
interface View {
  readonly totals: AuditedTotals;
  readonly subscriptions: AuditedSubscriptions;
  readonly upTo: UpTo;
  /** The log has passed this instant, epoch ms. */
  readonly passed: number;
  /** By tier version: they never change. */
  readonly limits: Map<string, Limit[]>;
}

/**
 * Closes periods that the log has passed (I5, I8): each is proven on log, totals and warehouse as
 * of one offset per partition, and only then told; one whose sides differ is held back and named.
 * Any number of closers may run: a period is taken by compare and set, with its records and what
 * is to be published in the same transaction.
 */
export class PeriodCloser {
  /** Looks in which a period's limits said otherwise. */
  private readonly doubts = new Map<string, number>();

  constructor(private readonly parts: ClosingParts) {}

  /** Closes what is due now, and answers how many periods that was. `now`: epoch ms. */
  async look(now: number): Promise<number> {
    const { log, reads, events, auditorUrl, warehouse, proofs } = this.parts;
    const held = await reads.heldCount();
    events.held(held);
    if (held === 0 && (await reads.unbilled(null, 1)).length === 0) {
      events.due(new DuePass(), true);
      events.gotThrough();
      return 0;
    }
    const ends = await log.admin.endOffsets(TOPICS.usageEvents.name);
    const totals = await AuditedTotals.open(auditorUrl);
    try {
      const upTo = await provable(totals, ends, [warehouse, proofs], REACHED_WITHIN_MS);
      const subscriptions = new AuditedSubscriptions(totals);
      if (upTo === null) {
        events.waits('behind');
        await this.tellOpen(subscriptions, now);
        return 0;
      }
      return await this.closeAll({ totals, subscriptions, upTo, passed: now, limits: new Map() });
    } finally {
      await totals.close();
    }
  }

  private async closeAll(view: View): Promise<number> {
    const { reads, events } = this.parts;
    const pass = new DuePass();
    pass.open(await reads.heldSince());
    let closed = (await this.close(await heldAgain(reads, view.subscriptions, view.passed), view))
      .length;
    try {
      for await (const { due, all } of findOpen(reads, view.subscriptions, view.passed)) {
        const left = new Map(all.map((one) => [keyOf(one), one.at]));
        try {
          const saved = await this.close(due, view);
          for (const period of saved) left.delete(keyOf({ period }));
          closed += saved.length;
        } finally {
          for (const at of left.values()) pass.open(at);
        }
      }
    } catch (error) {
      events.due(pass, false);
      throw error;
    }
    events.due(pass, true);
    events.gotThrough();
    return closed;
  }

  /** What is due while nothing can be asked, for /metrics. */
  private async tellOpen(subscriptions: AuditedSubscriptions, now: number): Promise<void> {
    const pass = new DuePass();
    pass.open(await this.parts.reads.heldSince());
    for await (const { all } of findOpen(this.parts.reads, subscriptions, now)) {
      for (const { at } of all) pass.open(at);
    }
    this.parts.events.due(pass, true);
  }

  private async close(due: readonly Due[], view: View): Promise<readonly Closing[]> {
    if (due.length === 0) return [];
    const { reads, clickhouse, writes, events } = this.parts;
    const found = await provePeriods(reads, view.subscriptions, clickhouse, due, view.upTo);
    // Usage of the period that came after the offsets: a later look has it on all sides.
    const proven = found.filter(
      ({ log, period }) => log.last < (view.upTo.get(period.partition) ?? 0n),
    );
    const agreeing = proven.filter(agree);
    const told = await askLimits(agreeing, { ...view, ...this.parts });
    const billed = await billPeriods(clickhouse, view.totals, told, view.upTo, view.passed);
    const closings = await this.closingsOf(
      billed.filter(({ fault }) => fault === null),
      view,
    );
    const saved = await writes.save(closings);
    crashPoint('billing.after-commit');
    events.closed(saved);
    await this.holdBack(
      [
        ...proven.filter((one) => !agree(one)).map((of) => ({ of, fault: null })),
        ...billed.filter((one) => this.isDoubted(one)),
      ],
      view,
    );
    return saved;
  }

  private async closingsOf(billed: readonly Billed[], view: View): Promise<Closing[]> {
    const told = await this.parts.reads.told(billed.map(({ of }) => of.period));
    return billed.map(({ of, lines }, at): Closing => {
      const { period, log } = of;
      const changed = changedLines(told[at] ?? [], lines);
      const before = period.before?.revision;
      const revision = before === undefined ? 0 : before + (changed.length > 0 ? 1 : 0);
      return {
        ...period,
        revision,
        asOf: view.upTo.get(period.partition) ?? 0n,
        events: log.amounts.calls,
        proof: log.proof,
        closedAt: view.passed,
        records: changed.map((line) => toldLine(period, revision, line, view.passed)),
      };
    });
  }

  /** True from the look on that is one too many. */
  private isDoubted({ of: { period }, fault }: Billed): boolean {
    const key = JSON.stringify([period.project, period.customer, period.period.from]);
    if (fault === null) {
      this.doubts.delete(key);
      return false;
    }
    const looks = (this.doubts.get(key) ?? 0) + 1;
    if (this.doubts.size >= MOST_DOUBTS) this.doubts.clear();
    this.doubts.set(key, looks);
    return looks >= PATIENT_LOOKS;
  }

  private async holdBack(
    found: readonly Pick<Billed, 'of' | 'fault'>[],
    view: View,
  ): Promise<void> {
    if (found.length === 0) return;
    const { log, clickhouse, writes, events } = this.parts;
    const held: HeldBack[] = [];
    for (const { of, fault } of found) {
      const { period } = of;
      const sides = { log, totals: view.totals, clickhouse };
      const differences = fault === null ? await nameDifferences(sides, period, view.upTo) : [];
      const reason = fault ?? reasonOf(of);
      const fact = heldBackFact(period, reason, differences, view.passed);
      held.push({ ...period, reason, differences, fact });
    }
    await writes.holdBack(held, view.passed);
    for (const one of held) events.heldBack(one);
    events.held(await this.parts.reads.heldCount());
  }
}

const keyOf = ({ period: { project, customer, period } }: Pick<Due, 'period'>): string =>
  periodText({ project, customer }, period.from);

function reasonOf({ log, totals, warehouse }: Proven): string {
  const { calls } = log.amounts;
  const others = `totals ${totals.amounts.calls}, warehouse ${warehouse.amounts.calls}`;
  return `The proofs differ: log ${calls} events, ${others}.`;
}
