import type { QuotaGrant, TierReference } from '@tallyward/contracts';
import {
  type Call,
  type ClockReading,
  counterName,
  LEASE_TERMS,
  type Limit,
  limitsMet,
  partitionKey,
  type WindowFrame,
} from '@tallyward/domain';
import { CustomerView } from '../access/customer-view';
import type { KnownTier } from '../access/tier-snapshots';
import { type KnownCounter, newCounter } from './known-counter';
import { sharedSpan } from './shared-spans';
import type { WaitingCall } from './waiting-calls';

type Told = Pick<Extract<QuotaGrant, { type: 'lease.granted' }>, 'counters' | 'at' | 'foldedTo'>;

interface LastMet {
  readonly scopes: Call['scopes'];
  readonly counters: readonly KnownCounter[];
}

/** How long it is remembered for how long calls held. */
const HOLDS_REMEMBERED_MS = 600_000;

/** All that this process keeps of one customer beside its leases; no method waits. */
export class CustomerDesk {
  readonly key: string;
  readonly view: CustomerView;
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
  /** By model group: what the last call of it met. */
  private lastMet = new Map<string, LastMet>();

  constructor(
    readonly project: string,
    readonly customer: string,
  ) {
    this.key = partitionKey(project, customer);
    this.view = new CustomerView(project, customer);
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
    this.forgetMet();
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

  /** The counters that a call meets in a model group, in the order of the tier. */
  countersMet(call: Call, modelGroup: string): readonly KnownCounter[] {
    const { scopes } = call;
    const last = this.lastMet.get(modelGroup);
    if (last && isSame(last.scopes, scopes)) return last.counters;
    const counterOf = (limit: Limit, value: string) => this.counter(limit, value);
    const met = limitsMet(this.tier?.limits ?? [], call, modelGroup, counterOf);
    const counters = met.map(({ counter }) => counter);
    this.lastMet.set(modelGroup, { scopes, counters });
    return counters;
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
      const { used, leased, held, amount, overrun } = state;
      const window = sharedSpan(state.window);
      counter.told = { window, used, leased, held, amount, overrun, at, since, foldedTo };
      counter.settled.folded(foldedTo);
    }
  }

  /** What the other gateways' calls hold has changed since entitlement's last word. */
  heldElsewhere(held: readonly { readonly limit: string; readonly held: number }[]): void {
    for (const { limit, held: now } of held) {
      const counter = this.counters.get(limit);
      if (!counter?.told) continue;
      counter.told.held = now;
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
    this.forgetMet();
  }

  private forgetMet(): void {
    this.byLimit = new Map();
    this.lastMet = new Map();
  }

  get isIdle(): boolean {
    return this.counters.size === 0 && this.waiting.length === 0;
  }
}

/** Of one customer. */
function isSame(one: Call['scopes'], other: Call['scopes']): boolean {
  return one.user === other.user && one.workspace === other.workspace && one.role === other.role;
}
