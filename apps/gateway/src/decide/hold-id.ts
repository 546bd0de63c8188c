import type { ClockReading, Hold, HoldToken, TokenPart } from '@tallyward/domain';
import type { KnownCounter } from '../leases/customer-desk';
import type { Leases } from '../leases/leases';
import type { Attempt } from './attempt';
import type { CallToDecide } from './decide-call';

/** What a hold's id says to whichever gateway settles it. */
export function tokenOf(
  { call, request, desk, number }: CallToDecide,
  { admittedAt, expiresAt, parts }: Hold,
  { for: { tier }, decision }: Extract<Attempt, { kind: 'decided' }>,
  gateway: string,
): HoldToken {
  const { workspace, user, role } = call.scopes;
  return {
    hold: number,
    gateway,
    customer: desk.customer,
    tier: { name: tier.name, version: tier.version },
    modelGroup: decision.modelGroup,
    estimate: request.estimate,
    labels: { workspace, user, role },
    admittedAt,
    expiresAt,
    parts: tokenParts(parts),
  };
}

function tokenParts(held: Hold['parts']): TokenPart[] {
  const parts: TokenPart[] = [];
  for (const { leases } of held) {
    for (const { lease, amount } of leases) parts.push({ lease: Number(lease), amount });
  }
  return parts;
}

/** Counts a call that was admitted as one in flight, also on limits that it takes no lease of. */
export function countInFlight(
  { number, ttlMs }: CallToDecide,
  { decision }: Extract<Attempt, { kind: 'decided' }>,
  leases: Leases,
  now: ClockReading,
): void {
  const counters: KnownCounter[] = [];
  const needs: number[] = [];
  for (const { limit, counter, need } of decision.met) {
    if (need === 0 || limit.window === 'request') continue;
    counters.push(counter);
    needs.push(need);
  }
  leases.own.add(number, { counters, needs, since: now, ttlMs });
}
