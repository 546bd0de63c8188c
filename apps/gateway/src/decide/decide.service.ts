import type { DecisionAnswer, DecisionRequest, TierReference } from '@tallyward/contracts';
import {
  type AheadNeed,
  type ClockReading,
  LEASE_TERMS,
  tierAt,
  UNCLASSIFIED,
} from '@tallyward/domain';
import type { Problem } from '@tallyward/platform';
import type { KnownProject } from '../access/project-snapshots';
import type { Snapshots } from '../access/snapshots';
import type { CustomerDesk } from '../leases/customer-desk';
import type { Leases } from '../leases/leases';
import { overloaded } from '../access/guard-requests';
import { attempt, type Attempt } from './attempt';
import { type CallToDecide, callToDecide } from './decide-call';
import type { Answers } from './answers';
import { lookFor } from './look';

export interface DecideParts {
  readonly leases: Leases;
  readonly snapshots: Snapshots;
  readonly answers: Answers;
  /** How long the snapshots have been silent: what needs no lease lapses with them. */
  readonly snapshotsSilentMs: () => number;
}

/** What needs no lease is decided by snapshots alone: older ones may be wrong (PROTOCOL 5). */
export const SNAPSHOTS_LAST_MS = 15_000;

/** Decides calls: from what is in hand at once, else as soon as entitlement has answered. */
export class Decide {
  constructor(private readonly parts: DecideParts) {}

  async decide(request: DecisionRequest, project: KnownProject): Promise<DecisionAnswer | Problem> {
    const { leases, answers } = this.parts;
    const now = leases.process.clocks();
    const desk = leases.desks.of(project.project, request.customer);
    const call = callToDecide(request, project, desk, leases.process.nextDecision());
    if (call.call.modelGroup === UNCLASSIFIED && project.unknownModels === 'block') {
      if (request.hold) this.introduce(desk, now);
      const tier = this.tierOf(desk, now);
      return answers.unknownModel(call, tier, { since: now, now });
    }
    const first = attempt(call, this.parts, now);
    if (request.hold && first.kind !== 'lacks') return this.answer(call, first, now);
    const found = request.hold
      ? await this.waitFor(call, first, now)
      : await lookFor(call, first, this.parts, now);
    return found === 'full' ? overloaded() : this.answer(call, found, now);
  }

  /** Its first deciding call makes a customer, whatever it asks for: nobody waits for that. */
  private introduce(desk: CustomerDesk, now: ClockReading): void {
    const { leases, snapshots } = this.parts;
    if (desk.isIntroducing || leases.asks.isFull) return;
    if (snapshots.customers.customer(desk.project, desk.customer)) return;
    desk.isIntroducing = true;
    const what = { wants: [], watches: [], longestMs: LEASE_TERMS.usualHoldMs, opensAt: null };
    leases.ask({ desk, ...what, looks: false, customerVersion: 0 }, now);
  }

  /** Null: not known here. */
  private tierOf({ project, customer }: CustomerDesk, now: ClockReading): TierReference | null {
    const { leases, snapshots } = this.parts;
    const known = snapshots.customers.customer(project, customer);
    return known ? tierAt(known.tiers, leases.process.issuerNow(now)) : null;
  }

  /** Null: not decided in time. */
  private async waitFor(
    call: CallToDecide,
    first: Attempt,
    since: ClockReading,
  ): Promise<Attempt | 'full' | null> {
    const { leases } = this.parts;
    if (first.kind !== 'lacks') return first;
    if (leases.asks.isHopeless(since)) return this.unwatched(call, since);
    let last: Attempt = first;
    const again = (now: ClockReading) => {
      last = attempt(call, this.parts, now);
      return last.kind === 'lacks' ? last.lack : null;
    };
    const { ttlMs } = call;
    const waited = await leases.wait(call.desk, { lack: first.lack, ttlMs, since, again });
    if (waited === 'decided') return last;
    return waited === 'full' ? 'full' : this.unwatched(call, leases.process.clocks());
  }

  /** What only lacks a word on limits that allow is served without it. */
  private unwatched(call: CallToDecide, now: ClockReading): Attempt | null {
    const last = attempt(call, this.parts, now, { unwatched: true });
    return last.kind === 'lacks' ? null : last;
  }

  private answer(
    call: CallToDecide,
    found: Attempt | null,
    since: ClockReading,
  ): DecisionAnswer | Problem {
    const { leases, answers } = this.parts;
    const now = leases.process.clocks();
    const asked = { since, now };
    if (found === null || found.kind === 'no-tier' || found.kind === 'lacks') {
      return answers.degraded(call, asked);
    }
    if (found.kind === 'off') return answers.customerOff(call, found.for, asked);
    const { decision } = found;
    if (decision.kind === 'serve') {
      const { hold, ahead } = decision.hold;
      const isStale =
        (hold === null || hold.parts.length === 0) &&
        this.parts.snapshotsSilentMs() >= SNAPSHOTS_LAST_MS;
      // The process may have stood still since it took the hold (PROTOCOL 10).
      const isGone = hold !== null && !leases.book.holds.isOpen(hold.id, now);
      if (isStale || isGone) {
        if (hold) leases.book.holds.release(hold.id, now);
        return answers.degraded(call, asked);
      }
      if (ahead.length > 0) leases.askAhead(call.desk, ahead.filter(renewsIn(call.desk)), now);
    }
    return answers.decided(call, found, asked);
  }
}

/** A window that opens with the first use opens with no ask: it begins when a call needs it. */
function renewsIn(desk: CustomerDesk): (need: AheadNeed) => boolean {
  return ({ limit }) => typeof desk.byKey(limit)?.limit.window === 'string';
}
