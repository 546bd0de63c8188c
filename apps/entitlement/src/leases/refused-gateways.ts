import { Injectable } from '@nestjs/common';
import { MAX_LIMITS, type QuotaGrant } from '@tallyward/contracts';
import type { CounterKey } from '../storage/leases/counters';
import { counterOf } from '../storage/leases/leases';

/** A gateway believes a `held` for a second, and asks again when there is demand. */
export const REFUSED_LIVES_MS = 5_000;
/** Counters that somebody waits for; the oldest refusals go first. */
const MOST_REFUSED = 100_000;

export type Freed = Extract<QuotaGrant, { type: 'limit.freed' }>;

/** Who was refused lately because of leases: told when something of those comes back. */
@Injectable()
export class RefusedGateways {
  private readonly waiting = new Map<string, Map<string, number>>();
  /** Specs set them. */
  clock = (): number => performance.now();
  most = MOST_REFUSED;

  note(counter: CounterKey, gateway: string): void {
    const id = counterOf(counter);
    const refused = this.waiting.get(id) ?? new Map<string, number>();
    this.waiting.delete(id);
    this.waiting.set(id, refused.set(gateway, this.clock() + REFUSED_LIVES_MS));
    for (const oldest of this.waiting.keys()) {
      if (this.waiting.size <= this.most) return;
      this.waiting.delete(oldest);
    }
  }

  /** One message for each gateway and customer that waited for one of these counters. */
  freed(counters: readonly CounterKey[]): Freed[] {
    const told = new Map<string, Freed>();
    for (const counter of counters) {
      const id = counterOf(counter);
      const refused = this.waiting.get(id) ?? [];
      this.waiting.delete(id);
      for (const [gateway, until] of refused) {
        if (until >= this.clock()) tell(told, counter, gateway);
      }
    }
    return [...told.values()];
  }
}

function tell(
  told: Map<string, Freed>,
  { project, customer, name }: CounterKey,
  gateway: string,
): void {
  const id = JSON.stringify([project, customer, gateway]);
  const before = told.get(id) ?? {
    type: 'limit.freed' as const,
    gateway,
    project,
    customer,
    limits: [],
  };
  if (before.limits.length < MAX_LIMITS) before.limits.push(name);
  told.set(id, before);
}
