import { StillWaiting } from '@tallyward/local';
import type { Appender, Log } from '@tallyward/platform';
import { type Appended, brokenPromises, entriesOf, TOPIC } from './conformance.builder';

/** How long the same appender may take until it has something acked again. */
export const AGAIN_WITHIN_MS = 60_000;
const AFTER_ENTRIES = 40;

export interface AfterFault {
  /** Straight to the broker: what really stands in the log. */
  readonly truth: Log;
  /** The appender that lived through the fault; it is never made anew. */
  readonly appender: Appender;
  /** All that was appended through it, whatever the answers were. */
  readonly appended: readonly Appended[];
}

/**
 * What must hold after every fault, read back from the log: appends work again without a restart,
 * every acked (partition, offset) holds its entry, nothing acked is missing, nothing refused is
 * there. Answers what is broken; empty: nothing.
 */
export async function brokenAfterFault(after: AfterFault): Promise<string[]> {
  const { truth, appender, appended } = after;
  const again = await ackedAgain(appender);
  return brokenPromises(truth, [...appended, ...again]);
}

/** As a caller does: what was not acked is appended again, the same entries. */
async function ackedAgain(appender: Appender): Promise<Appended[]> {
  const entries = entriesOf(`after-${process.hrtime.bigint()}`, AFTER_ENTRIES);
  const giveUpAt = performance.now() + AGAIN_WITHIN_MS;
  const tries: Appended[] = [];
  for (;;) {
    const outcomes = await appender.append(TOPIC, entries);
    tries.push({ entries, outcomes });
    if (outcomes.every(({ kind }) => kind === 'acked')) return tries;
    if (performance.now() < giveUpAt) continue;
    throw new StillWaiting(`Appends do not work again: ${JSON.stringify(outcomes[0])}`);
  }
}
