import { counterOf } from '../storage/leases/leases';
import type { HoldCounted } from './read-asks';

/** A gateway tells anew each second or so; what it does not is forgotten. */
export const COUNTED_LIVES_MS = 5_000;
/** Counters of gateways that are kept: the oldest words go first. */
const MOST_COUNTED = 100_000;

interface Counted {
  readonly held: number;
  readonly until: number;
}

/** What gateways tell of calls in flight, for others to read. In memory: it is a word, no more. */
export class HeldByGateways {
  private readonly counters = new Map<string, Map<string, Counted>>();

  constructor(
    private readonly clock: () => number = () => performance.now(),
    private readonly most = MOST_COUNTED,
  ) {}

  note({ project, customer, gateway, held }: HoldCounted): void {
    const until = this.clock() + COUNTED_LIVES_MS;
    for (const { limit, held: now } of held) {
      const counter = nameOf({ project, customer, name: limit });
      const told = this.counters.get(counter) ?? new Map<string, Counted>();
      this.counters.delete(counter);
      if (now === 0) told.delete(gateway);
      else told.set(gateway, { held: now, until });
      for (const [who, one] of told) if (one.until < this.clock()) told.delete(who);
      if (told.size > 0) this.counters.set(counter, told);
    }
    this.forget();
  }

  /** What all but this gateway hold of a limit. */
  elsewhere(
    counter: { readonly project: string; readonly customer: string; readonly name: string },
    gateway: string,
  ): number {
    let sum = 0;
    for (const [who, { held, until }] of this.counters.get(nameOf(counter)) ?? []) {
      if (who !== gateway && until >= this.clock()) sum += held;
    }
    return sum;
  }

  private forget(): void {
    for (const counter of this.counters.keys()) {
      if (this.counters.size <= this.most) return;
      this.counters.delete(counter);
    }
  }
}

function nameOf({
  project,
  customer,
  name,
}: {
  readonly project: string;
  readonly customer: string;
  readonly name: string;
}): string {
  return counterOf({ project, customer, name, windowStart: 0 });
}
