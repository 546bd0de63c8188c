import type { DecisionRequest } from '@tallyward/contracts';
import {
  computedWindow,
  type ComputedWindow,
  demandOf,
  type Limit,
  limitKey,
  type Span,
} from '@tallyward/domain';
import { EntitlementInMemory, Latencies, zipf, type CountedLimit } from '@tallyward/testing';
import { setImmediate } from 'node:timers/promises';
import { SWEEP_EVERY_MS } from '../leases/lease-limits';
import { BenchGateway } from './bench-gateway.builder';

const GROUPS = ['standard', 'premium', 'super-premium', 'reasoning'] as const;
const WINDOWS = ['minute', 'day', 'month'] as const;
/** Then timers, and whatever else waits, have their turn. */
const AT_ONCE = 500;
export const TTL_S = 300;
export const ESTIMATE = { inputTokens: 1_200, maxOutputTokens: 800, images: 0, toolCalls: 0 };
export const USED = demandOf({ ...ESTIMATE, maxOutputTokens: 300 });
const FRAME = { timeZone: 'UTC', billingAnchor: 0 };

/** Calls and tokens of each group in each window: 24 limits, of which a call meets six. */
export function benchTier(): Limit[] {
  return GROUPS.flatMap((modelGroup) =>
    WINDOWS.flatMap((window) =>
      (['calls', 'tokens'] as const).map((unit): Limit => {
        const amount = unit === 'calls' ? 10_000_000 : 50_000_000_000;
        const onLimit = window === 'minute' ? 'throttle' : 'block';
        const replenishment = { kind: 'reset' } as const;
        const rest = { onLimit, restrictTo: null, replenishment, message: null } as const;
        return { scope: 'customer', modelGroup, unit, window, amount, ...rest };
      }),
    ),
  );
}

/** A tier's limits by the name of a counter. */
export function limitsByCounter(limits: readonly Limit[]): (name: string) => CountedLimit {
  const byKey = new Map(limits.map((limit) => [limitKey(limit), counted(limit)]));
  return (name) => byKey.get(name.slice(0, name.indexOf(']') + 1)) as CountedLimit;
}

function counted({ amount, window }: Limit): CountedLimit {
  let last: Span = { from: 0, to: 0 };
  const windowOf = (instant: number): Span => {
    if (instant >= last.from && instant < last.to) return last;
    return (last = computedWindow(instant, window as ComputedWindow, FRAME));
  };
  return { amount, windowOf };
}

/** Of calls that leases in hand sufficed for; `asked`: the others. */
export class Measured {
  readonly whole = new Latencies();
  readonly deciding = new Latencies();
  readonly settling = new Latencies();
  asked = 0;
}

/** A gateway with customers on a realistic tier, and their calls, one after the other. */
export class BenchCalls {
  readonly drawn: Uint32Array;
  readonly entitlement: EntitlementInMemory;
  readonly gateway: BenchGateway;
  private readonly customers: readonly string[];
  /** As many as customers: each call settles when so many others have begun. */
  private readonly running: string[] = [];
  private next = 0;

  constructor(customers: number, draws: number) {
    this.drawn = zipf(customers, draws);
    this.customers = Array.from({ length: customers }, (_, n) => `customer-${n}`);
    const limits = benchTier();
    this.entitlement = new EntitlementInMemory(limitsByCounter(limits));
    this.gateway = new BenchGateway(limits, this.entitlement, 0);
  }

  /** Every customer has called every group: its leases are in hand. */
  async warm(): Promise<void> {
    for (const customer of this.customers) {
      this.gateway.knows(customer);
      await Promise.all(GROUPS.map((group) => this.decide(this.requestOf(customer, group))));
    }
  }

  /** Answers how many seconds it took. */
  async run(forMs: number, into: Measured): Promise<number> {
    const startedAt = performance.now();
    let sweptAt = startedAt;
    for (let now = startedAt; now - startedAt < forMs; now = performance.now()) {
      for (let n = 0; n < AT_ONCE; n += 1) await this.one(into);
      if (now - sweptAt >= SWEEP_EVERY_MS) {
        this.gateway.sweep();
        sweptAt = now;
      }
      await setImmediate();
    }
    return (performance.now() - startedAt) / 1_000;
  }

  async one(into: Measured): Promise<void> {
    const request = this.nextRequest();
    const { asked } = this.entitlement;
    const startedAt = performance.now();
    const hold = await this.decide(request);
    const decidedAt = performance.now();
    const at = this.next % this.customers.length;
    const due = this.running[at];
    this.running[at] = hold;
    const settlesAt = performance.now();
    if (due !== undefined) this.gateway.settle(due, USED);
    const settling = performance.now() - settlesAt;
    const isAsked = this.entitlement.asked > asked;
    if (isAsked) into.asked += 1;
    if (isAsked || due === undefined) return;
    into.deciding.add(decidedAt - startedAt);
    into.settling.add(settling);
    into.whole.add(decidedAt - startedAt + settling);
  }

  private async decide(request: DecisionRequest): Promise<string> {
    const { holdId, outcome, reason } = await this.gateway.decide(request);
    if (holdId === null) throw new Error(`a call of a wide tier: ${outcome}, ${reason}`);
    return holdId;
  }

  private nextRequest(): DecisionRequest {
    const at = (this.next += 1);
    const customer = this.customers[this.drawn[at % this.drawn.length] as number] as string;
    return this.requestOf(customer, GROUPS[at % GROUPS.length] as string);
  }

  private requestOf(customer: string, model: string): DecisionRequest {
    return { customer, model, estimate: ESTIMATE, hold: true, ttlSeconds: TTL_S };
  }
}
