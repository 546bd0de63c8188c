import {
  type ClockReading,
  encodeHold,
  type Hold,
  type HoldToken,
  type LimitInHand,
  MAX_TOKEN_BYTES,
  type Span,
  type TokenPart,
} from '@tallyward/domain';
import type { KnownCounter } from '../leases/known-counter';
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

/**
 * Limits in the order of their leases: those of one grant follow each other, and take less room.
 * The leases of one limit stay in the hold's order, in which the fold and this gateway pay them.
 */
export function tokenParts(held: Hold['parts']): TokenPart[] {
  const parts: TokenPart[] = [];
  /** Of each part: the first lease of its limit. */
  const firsts: number[] = [];
  let limit: LimitInHand | null = null;
  let first = 0;
  for (const { lease, amount } of held) {
    if (lease.limit !== limit) first = lease.number;
    limit = lease.limit;
    let at = parts.length;
    for (; at > 0 && (firsts[at - 1] as number) > first; at -= 1) {
      parts[at] = parts[at - 1] as TokenPart;
      firsts[at] = firsts[at - 1] as number;
    }
    parts[at] = { lease: lease.number, amount };
    firsts[at] = first;
  }
  return parts;
}

const LONGEST_BYTES = 8_192;

/** Why a token does not fit, with its figures. */
export function tooLongDetail(token: HoldToken): string {
  const { customer, tier, modelGroup, labels, parts } = token;
  const names = [customer, tier.name, modelGroup, ...Object.values(labels)];
  const nameBytes = Buffer.byteLength(names.join(''));
  const bytes = encodeHold(token, new Uint8Array(LONGEST_BYTES)) ?? LONGEST_BYTES;
  return (
    `The names of the customer, workspace, user, role, tier and model group come to ${nameBytes} ` +
    `bytes. With what the call holds of ${parts.length} leases that is ` +
    `${bytes - MAX_TOKEN_BYTES} bytes more than a hold id has room for. Use shorter names, name ` +
    'fewer, or let fewer limits of the tier meet one call.'
  );
}

/** Counts a call that was admitted as one in flight, also on limits that it takes no lease of. */
export function countInFlight(
  { number, ttlMs }: CallToDecide,
  { decision }: Extract<Attempt, { kind: 'decided' }>,
  leases: Leases,
  windowOf: (counter: KnownCounter) => Span,
  now: ClockReading,
): void {
  const counters: KnownCounter[] = [];
  const needs: number[] = [];
  const windows: Span[] = [];
  for (const { limit, counter, need } of decision.met) {
    if (need === 0 || limit.window === 'request') continue;
    counters.push(counter);
    needs.push(need);
    windows.push(windowOf(counter));
  }
  leases.own.add(number, { counters, needs, windows, since: now, ttlMs });
}
