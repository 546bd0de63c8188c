import type { CounterState, QuotaGrant, TierReference } from '@tallyward/contracts';
import {
  type ClockReading,
  counterName,
  LEASE_TERMS,
  type Limit,
  partitionKey,
  type Span,
  type WindowFrame,
} from '@tallyward/domain';
import type { KnownTier } from '../access/tier-snapshots';
import { SettledSince } from './settled-since';
import type { WaitingCall } from './waiting-calls';

type Told = Pick<Extract<QuotaGrant, { type: 'lease.granted' }>, 'counters' | 'at' | 'foldedTo'>;

/** A limit's counter without its window, for one value of its scope, as this gateway knows it. */
export interface KnownCounter {
  readonly desk: CustomerDesk;
  readonly limit: Limit;
  readonly scopeValue: string;
  /** On the wire. */
  readonly name: string;
  /** In the lease book, which has those of all customers. */
  readonly key: string;
  /** What entitlement said last, and when by its clock and by ours; null: nothing yet. */
  told: CounterTold | null;
  /** What calls in flight hold that were admitted here, in the window of the last of them. */
  held: number;
  /** Of that, what entitlement was told last. */
  heldTold: number;
  /** The window of the last of them, or one before it that it overlaps; null: it is over. */
  heldIn: Span | null;
  /** A call met it since the desk was last tidied. */
  isMet: boolean;
  /** Settled of what was admitted here, and not in what was told. */
  readonly settled: SettledSince;
}

interface CounterTold {
  readonly state: CounterState;
  readonly at: number;
  readonly since: ClockReading;
  /** Its numbers have all that is before this place of the customer's usage. */
  readonly foldedTo: number;
}

/** How long it is remembered for how long calls held. */
const HOLDS_REMEMBERED_MS = 600_000;

/** All that this process keeps of one customer beside its leases; no method waits. */
export class CustomerDesk {
  readonly key: string;
  /** By their names on the wire. */
  readonly counters = new Map<string, KnownCounter>();
  waiting: WaitingCall[] = [];
  /** When a call was last decided, by the monotonic clock. */
  metAtMs = -Infinity;
  /** An ask about a customer that is not known here is on its way. */
  isIntroducing = false;
  /** An ask that calls wait for because of limits that allow is on its way. */
  isWatching = false;
  /** When its `allow` limits were last asked about, by the monotonic clock. */
  watchedAtMs = -Infinity;
  /** By the monotonic clock. */
  tidiedAtMs = -Infinity;
  /** The longest that calls held of late, ms, and before that. */
  private longestHold = { ms: 0, beforeMs: 0, sinceMs: -Infinity };
  private tier: KnownTier | null = null;
  private frame: WindowFrame | null = null;
  private byLimit = new Map<Limit, Map<string, KnownCounter>>();

  constructor(
    readonly project: string,
    readonly customer: string,
  ) {
    this.key = partitionKey(project, customer);
  }

  /** A call is decided that holds for so long. */
  meets(ttlMs: number, nowMs: number): void {
    this.metAtMs = nowMs;
    const { longestHold: longest } = this;
    if (nowMs - longest.sinceMs > HOLDS_REMEMBERED_MS) {
      this.longestHold = { ms: ttlMs, beforeMs: longest.ms, sinceMs: nowMs };
    } else if (ttlMs > longest.ms) longest.ms = ttlMs;
  }

  /**
   * What leases for its calls are to carry: not more, for a crash strands what is leased until its
   * longest hold has passed.
   */
  get usualHoldMs(): number {
    return Math.min(this.longestHoldMs, LEASE_TERMS.usualHoldMs);
  }

  /** The longest that calls held of late: none that is open now holds for longer. */
  get longestHoldMs(): number {
    return Math.max(this.longestHold.ms, this.longestHold.beforeMs);
  }

  /** True where it was on another tier version until now: what it leased goes back. */
  useTier(tier: KnownTier): boolean {
    if (this.tier === tier) return false;
    const isOther = this.isOnOther(tier);
    this.tier = tier;
    this.byLimit = new Map();
    return isOther;
  }

  /** Calls were decided by another tier version than this one. */
  isOnOther({ name, version }: TierReference): boolean {
    const { tier } = this;
    return tier !== null && (tier.name !== name || tier.version !== version);
  }

  /** True where its windows were cut otherwise until now: what it leased is of other windows. */
  useFrame({ timeZone, billingAnchor }: WindowFrame): boolean {
    const { frame } = this;
    if (frame?.timeZone === timeZone && frame.billingAnchor === billingAnchor) return false;
    this.frame = { timeZone, billingAnchor };
    return frame !== null;
  }

  /** The customer is another by now: what entitlement said of its counters may be wrong. */
  forgetTold(): void {
    for (const counter of this.counters.values()) counter.told = null;
  }

  counter(limit: Limit, scopeValue: string): KnownCounter {
    let values = this.byLimit.get(limit);
    if (!values) this.byLimit.set(limit, (values = new Map()));
    const known = values.get(scopeValue);
    if (known) {
      known.isMet = true;
      return known;
    }
    const name = counterName(limit, scopeValue);
    const before = this.counters.get(name);
    const made: KnownCounter = before
      ? Object.assign(before, { limit, isMet: true })
      : newCounter(this, limit, scopeValue, name);
    this.counters.set(name, made);
    values.set(scopeValue, made);
    return made;
  }

  /** Takes entitlement's word on counters, if it is of a window that has begun. */
  told({ counters, at, foldedTo }: Told, since: ClockReading): void {
    for (const state of counters) {
      const counter = this.counters.get(state.limit);
      if (!counter || at < state.window.from || at < (counter.told?.at ?? 0)) continue;
      counter.told = { state, at, since, foldedTo };
      counter.settled.folded(foldedTo);
    }
  }

  /** What the other gateways' calls hold has changed since entitlement's last word. */
  heldElsewhere(held: readonly { readonly limit: string; readonly held: number }[]): void {
    for (const { limit, held: now } of held) {
      const counter = this.counters.get(limit);
      if (!counter?.told) continue;
      counter.told = { ...counter.told, state: { ...counter.told.state, held: now } };
    }
  }

  byKey(key: string): KnownCounter | undefined {
    return this.counters.get(key.slice(this.key.length + 1));
  }

  /** Forgets counters that nothing is held of and no call met since it was last tidied. */
  tidy(nowMs: number): void {
    this.tidiedAtMs = nowMs;
    for (const [name, counter] of this.counters) {
      const { held, heldTold, isMet } = counter;
      counter.isMet = false;
      if (!isMet && held === 0 && heldTold === 0) this.counters.delete(name);
    }
    this.byLimit = new Map();
  }

  get isIdle(): boolean {
    return this.counters.size === 0 && this.waiting.length === 0;
  }
}

/** NUL stands in no name, so a key is one-to-one. */
export function bookKey(deskKey: string, name: string): string {
  return `${deskKey}\0${name}`;
}

/** The log has a settlement at this place, which entitlement's last word may hold already. */
export function countSettled({ settled, told }: KnownCounter, amount: number, place: number): void {
  if (place >= (told?.foldedTo ?? 0)) settled.add(amount, place);
}

function newCounter(
  desk: CustomerDesk,
  limit: Limit,
  scopeValue: string,
  name: string,
): KnownCounter {
  return {
    desk,
    limit,
    scopeValue,
    name,
    key: bookKey(desk.key, name),
    told: null,
    held: 0,
    heldTold: 0,
    heldIn: null,
    isMet: true,
    settled: new SettledSince(),
  };
}
