import type { QuotaGrant } from '@tallyward/contracts';
import { LEASE_TERMS, partitionKey } from '@tallyward/domain';
import { LRUCache } from 'lru-cache';
import { counterOf } from '../storage/leases/leases';
import type { HoldCounted } from './read-asks';

/** A gateway that has not told of a customer for so long has to ask before it decides again. */
export const TOLD_LIVES_MS = LEASE_TERMS.farMs + LEASE_TERMS.usualHoldMs;
/** Counters, and customers, of which is kept what gateways told last. */
const MOST_KEPT = 100_000;

export type ElsewhereTold = Extract<QuotaGrant, { type: 'hold.elsewhere' }>;

interface Counted {
  readonly held: number;
  readonly until: number;
}

interface CounterName {
  readonly project: string;
  readonly customer: string;
  readonly name: string;
}

/** What gateways tell of calls in flight, for others to read. In memory: it is a word, no more. */
export class HeldByGateways {
  private readonly counters: LRUCache<string, Map<string, Counted>>;
  /** Which gateways tell of a customer, and until when that is of interest to them. */
  private readonly gateways: LRUCache<string, Map<string, number>>;

  constructor(
    private readonly clock: () => number = () => performance.now(),
    most = MOST_KEPT,
  ) {
    this.counters = new LRUCache({ max: most });
    this.gateways = new LRUCache({ max: most });
  }

  /** Answers what the other gateways of this customer are to know of it. */
  note({ project, customer, gateway, lastsMs, held }: HoldCounted): ElsewhereTold[] {
    const until = this.clock() + lastsMs;
    for (const { limit, held: now } of held) {
      this.count({ project, customer, name: limit }, gateway, { held: now, until });
    }
    return this.others(project, customer, gateway).map((other) => ({
      type: 'hold.elsewhere',
      gateway: other,
      project,
      customer,
      held: held.map(({ limit }) => {
        return { limit, held: this.elsewhere({ project, customer, name: limit }, other) };
      }),
    }));
  }

  /** What all but this gateway hold of a limit. */
  elsewhere(counter: CounterName, gateway: string): number {
    let sum = 0;
    for (const [who, { held, until }] of this.counters.get(nameOf(counter)) ?? []) {
      if (who !== gateway && until >= this.clock()) sum += held;
    }
    return sum;
  }

  private count(counter: CounterName, gateway: string, counted: Counted): void {
    const name = nameOf(counter);
    const told = this.counters.get(name) ?? new Map<string, Counted>();
    if (counted.held === 0) told.delete(gateway);
    else told.set(gateway, counted);
    for (const [who, { until }] of told) if (until < this.clock()) told.delete(who);
    if (told.size > 0) this.counters.set(name, told);
    else this.counters.delete(name);
  }

  private others(project: string, customer: string, gateway: string): string[] {
    const key = partitionKey(project, customer);
    const known = this.gateways.get(key) ?? new Map<string, number>();
    known.set(gateway, this.clock() + TOLD_LIVES_MS);
    for (const [who, until] of known) if (until < this.clock()) known.delete(who);
    this.gateways.set(key, known);
    return [...known.keys()].filter((who) => who !== gateway);
  }
}

/** Without its window: what is held of a limit is held of the window that it was admitted in. */
function nameOf({ project, customer, name }: CounterName): string {
  return counterOf({ project, customer, name, windowStart: 0 });
}
