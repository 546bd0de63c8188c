import type { Hold, HoldToken } from '@tallyward/domain';
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
    parts: parts.flatMap(({ leases }) =>
      leases.map(({ lease, amount }) => ({ lease: Number(lease), amount })),
    ),
  };
}

/** Counts a call that was admitted as one in flight, also on limits that it takes no lease of. */
export function countInFlight(
  { desk, number, ttlMs }: CallToDecide,
  { decision }: Extract<Attempt, { kind: 'decided' }>,
  leases: Leases,
): void {
  const counters = [];
  const needs: number[] = [];
  for (const { limit, scopeValue, need } of decision.met) {
    if (need === 0 || limit.window === 'request') continue;
    counters.push(desk.counter(limit, scopeValue));
    needs.push(need);
  }
  leases.own.add(number, { counters, needs, since: leases.process.clocks(), ttlMs });
}
