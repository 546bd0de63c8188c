import { TOPICS } from '@tallyward/contracts';
import { crashPoint, type Appender, type Entry } from '@tallyward/platform';
import type { IngestLimits } from './ingest-limits';

/**
 * `unknown`: the log may have some of them or not, and the client must send all again. `refused`
 * and `overloaded`: it has none of them for certain.
 */
export type Durability =
  /** `last`: the offset of the last of them, each in its customer's partition. */
  | { readonly kind: 'acked'; readonly last: number }
  | { readonly kind: 'overloaded' }
  | { readonly kind: 'refused'; readonly reasons: readonly string[] }
  | { readonly kind: 'unknown'; readonly reasons: readonly string[] };

/**
 * Puts the entries of a request into the log, and says whether it has them. While the log doesn't
 * answer, a few requests wait for it and so find out when it is back; the others are told at once,
 * so that no queue grows behind a dead log.
 */
export class UsageLog {
  private trying = 0;

  constructor(
    private readonly appender: Appender,
    private readonly limits: IngestLimits,
  ) {}

  async append(entries: Entry[]): Promise<Durability> {
    if (!this.appender.load().healthy && this.trying >= this.limits.triesWhileAway) {
      return { kind: 'refused', reasons: ['the log does not answer'] };
    }
    this.trying += 1;
    try {
      crashPoint('gateway.before-append');
      const outcomes = await this.appender.append(TOPICS.usageEvents.name, entries);
      crashPoint('gateway.after-append');
      return durabilityOf(outcomes);
    } finally {
      this.trying -= 1;
    }
  }
}

function durabilityOf(outcomes: Awaited<ReturnType<Appender['append']>>): Durability {
  let isAcked = true;
  let isRefused = true;
  let isOverloaded = true;
  let last = -1;
  const reasons = new Set<string>();
  for (const outcome of outcomes) {
    if (outcome.kind !== 'refused') isRefused = false;
    if (outcome.kind === 'acked') {
      last = Number(outcome.place.offset);
      continue;
    }
    isAcked = false;
    isOverloaded &&= outcome.reason === 'overloaded';
    reasons.add(outcome.reason);
  }
  if (isAcked) return { kind: 'acked', last };
  if (!isRefused) return { kind: 'unknown', reasons: [...reasons] };
  return isOverloaded ? { kind: 'overloaded' } : { kind: 'refused', reasons: [...reasons] };
}
