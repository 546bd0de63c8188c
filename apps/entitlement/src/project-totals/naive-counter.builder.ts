import type { LogEntry as LoggedValue } from '@tallyward/contracts';
import type { LogEntry } from '@tallyward/platform';

export interface NaiveCounter {
  readonly used: number;
  readonly leased: number;
  readonly overrun: number;
}

/**
 * For specs: a customer's tokens for ever, with all that is leased in one open lease that every
 * hold names, by the plainest means: the partition's good entries in their order, without batches,
 * and no key older than another.
 */
export function naiveCounter(
  log: readonly LogEntry[],
  customer: string,
  { amount, leased: granted }: { readonly amount: number; readonly leased: number },
): NaiveCounter {
  const seen = new Set<string>();
  let [used, leased, overrun] = [0, granted, 0];
  for (const { value } of log) {
    const event = JSON.parse(String(value)) as LoggedValue;
    const identity = JSON.stringify([event.source, event.id]);
    if (event.customer !== customer || seen.has(identity)) continue;
    seen.add(identity);
    const tokens = event.inputTokens + event.outputTokens;
    const held = (event.hold?.parts ?? []).reduce((sum, part) => sum + part.amount, 0);
    const paid = Math.min(tokens, held, leased);
    used += tokens;
    leased -= paid;
    overrun += Math.max(0, Math.min(tokens - paid, used + leased - amount));
  }
  return { used, leased, overrun };
}
