import type { CustomerSnapshot } from '@tallyward/contracts';
import { type ClockReading, elapsedMs, LEASE_TERMS } from '@tallyward/domain';
import type { Snapshots } from '../access/snapshots';
import type { KnownCounter } from '../leases/known-counter';
import type { Leases } from '../leases/leases';
import { attempt, type Attempt } from './attempt';
import type { CallToDecide, MetHere } from './decide-call';

/** A look asks so often at most: for each group that a reroute leads to, and once for who it is. */
const MOST_ROUNDS = 6;
/** What a look shows is no older, while entitlement answers. */
const LOOK_FRESH_MS = 1_000;

interface LookParts {
  readonly leases: Leases;
  readonly snapshots: Snapshots;
}

/**
 * What would be decided, without holding anything. What is not known here, or not well enough to
 * be shown, is asked for. Null: no answer in time.
 */
export async function lookFor(
  call: CallToDecide,
  first: Attempt,
  parts: LookParts,
  since: ClockReading,
): Promise<Attempt | null> {
  let last = first;
  let now = since;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const met = metBy(last);
    const watches = met.flatMap((one) => staleOf(one, now));
    if (last.kind !== 'lacks' && watches.length === 0) return last;
    const isHeard = await ask(call, last, watches, parts, now);
    now = parts.leases.process.clocks();
    last = attempt(call, parts, now, { unwatched: true });
    if (!isHeard) return last.kind === 'lacks' ? null : last;
    if (last.kind !== 'lacks') return last;
  }
  return null;
}

async function ask(
  { desk, ttlMs, look, project, request }: CallToDecide,
  last: Attempt,
  watches: readonly KnownCounter[],
  { leases, snapshots }: LookParts,
  now: ClockReading,
): Promise<boolean> {
  const wants = last.kind === 'lacks' ? last.lack.wants : [];
  const known = snapshots.customers.customer(desk.project, desk.customer);
  const heard = await leases.askAlone(
    {
      desk,
      wants: wants.map(({ counter, need }) => ({ counter, need, want: need })),
      watches: watches.filter((counter) => !wants.some((want) => want.counter === counter)),
      longestMs: Math.max(ttlMs, LEASE_TERMS.usualHoldMs),
      opensAt: null,
      looks: true,
      customerVersion: known?.version ?? 0,
    },
    now,
  );
  if (heard === null || look === null) return false;
  if (!known)
    look.newcomer = heard.customer ?? newcomer(project.project, request.customer, project);
  if (!heard.isRefused) for (const { counter } of wants) look.fits.add(counter.key);
  return true;
}

/** Who nobody has seen yet: on the project's default tier. */
function newcomer(
  project: string,
  customer: string,
  { defaultTier }: CallToDecide['project'],
): CustomerSnapshot {
  const tiers = [{ ...defaultTier, from: 0 }];
  return {
    project,
    customer,
    version: 1,
    timeZone: null,
    billingAnchor: Date.now(),
    disabled: false,
    tiers,
  };
}

function metBy(last: Attempt): readonly MetHere[] {
  if (last.kind === 'decided') return last.decision.met;
  return last.kind === 'lacks' ? last.met : [];
}

function staleOf({ limit, counter }: MetHere, now: ClockReading): KnownCounter[] {
  if (limit.window === 'request') return [];
  const { told } = counter;
  return told && elapsedMs(told.since, now) < LOOK_FRESH_MS ? [] : [counter];
}
