import type { CustomerSnapshot } from '@tallyward/contracts';
import {
  type ClockReading,
  decide,
  type Decision,
  isLeased,
  isOff,
  tierAt,
} from '@tallyward/domain';
import type { Snapshots } from '../access/snapshots';
import type { KnownTier } from '../access/tier-snapshots';
import type { Leases } from '../leases/leases';
import type { Lack } from '../leases/waiting-calls';
import type { KnownCounter } from '../leases/known-counter';
import { type CallToDecide, frameOf, type MetHere } from './decide-call';
import { LeaseSpender, type Taken } from './lease-spender';

type Decided = Exclude<Decision<Taken, KnownCounter>, { kind: 'ask' }>;

/** Who a call was decided for: the customer, and the tier that it has at that instant. */
export interface DecidedFor {
  readonly customer: CustomerSnapshot;
  readonly tier: KnownTier;
}

export type Attempt =
  | { readonly kind: 'decided'; readonly decision: Decided; readonly for: DecidedFor }
  /** The customer is switched off. */
  | { readonly kind: 'off'; readonly for: DecidedFor }
  | { readonly kind: 'lacks'; readonly lack: Lack; readonly met: readonly MetHere[] }
  /** The customer's tier is not known here. */
  | { readonly kind: 'no-tier' };

export interface AttemptOptions {
  /** Serves without knowing how much an `allow` limit has let pass. */
  readonly unwatched?: boolean;
}

/** Decides a call at one instant, from what this process has in hand: one synchronous section. */
export function attempt(
  call: CallToDecide,
  { leases, snapshots }: { readonly leases: Leases; readonly snapshots: Snapshots },
  now: ClockReading,
  { unwatched = false }: AttemptOptions = {},
): Attempt {
  const { desk, look } = call;
  desk.meets(call.ttlMs, now.monotonicMs);
  const issuerNow = leases.process.issuerNow(now);
  const known = desk.view.customer(snapshots) ?? look?.newcomer;
  if (!known) return introduce(call, snapshots);
  const tier = desk.view.tier(tierAt(known.tiers, issuerNow), snapshots);
  if (!tier) return { kind: 'no-tier' };
  const decidedFor = { customer: known, tier };
  if (known.disabled) return { kind: 'off', for: decidedFor };
  const isOtherFrame = desk.useFrame(frameOf(call, known));
  if (desk.useTier(tier) || isOtherFrame) leases.giveUp(desk);
  if (isOtherFrame) desk.forgetTold();
  const spender = new LeaseSpender(leases.book, call, now, issuerNow);
  const metIn = (modelGroup: string) => metBy(call, modelGroup);
  const decision = decide(call.call.modelGroup, metIn, spender);
  if (decision.kind === 'ask') {
    return { kind: 'lacks', lack: lackOf(decision.met, spender.short), met: decision.met };
  }
  if (decision.kind === 'serve' && !unwatched) {
    const watches = untold(decision.met);
    if (watches.length > 0) {
      if (!look) leases.book.holds.release(String(call.number), now);
      const lack = { ...lackOf(decision.met, []), watches };
      return { kind: 'lacks', lack, met: decision.met };
    }
  }
  return { kind: 'decided', decision, for: decidedFor };
}

/**
 * Nobody told this process of the customer. What it would need on the project's default tier is
 * asked for with the question who it is: mostly that is the answer, and one ask is enough.
 */
function introduce(call: CallToDecide, snapshots: Snapshots): Attempt {
  const { desk, project } = call;
  const tier = snapshots.tiers.tier(desk.project, project.defaultTier);
  if (tier) desk.useTier(tier);
  const met = tier ? metBy(call, call.call.modelGroup) : [];
  const wants = met
    .filter((one) => isLeased(one) && !isOff(one.limit))
    .map(({ counter, need }) => ({ counter, need }));
  return { kind: 'lacks', lack: { wants, watches: [], isStranger: true }, met };
}

/** What a call meets in a model group, by the customer's tier. */
function metBy({ desk, call }: CallToDecide, modelGroup: string): MetHere[] {
  const met: MetHere[] = [];
  for (const counter of desk.countersMet(call, modelGroup)) {
    const { limit, scopeValue } = counter;
    met.push({ limit, scopeValue, counter, need: call.demand[limit.unit] });
  }
  return met;
}

function lackOf(met: readonly MetHere[], short: readonly string[]): Lack {
  const wants = met
    .filter(({ counter }) => short.includes(counter.key))
    .map(({ counter, need }) => ({ counter, need }));
  const watches = met
    .filter(({ counter, limit }) => limit.window !== 'request' && !short.includes(counter.key))
    .map(({ counter }) => counter)
    .filter(({ told }) => told === null);
  return { wants, watches, isStranger: false };
}

/**
 * Limits of which nothing is known yet: of those that allow, whether it is overage; of others, what
 * to show, where a change has made entitlement's word an old one.
 */
function untold(met: readonly MetHere[]): KnownCounter[] {
  const watches: KnownCounter[] = [];
  for (const { limit, counter, need } of met) {
    if (need === 0 || limit.window === 'request') continue;
    if (counter.told === null) watches.push(counter);
  }
  return watches;
}
