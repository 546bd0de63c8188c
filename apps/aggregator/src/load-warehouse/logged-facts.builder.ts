import type { LogEntry } from '@tallyward/platform';
import type { BatchSource } from './form-batch';
import { entryOf, recorded, type GivenEntry } from './fold-bed.builder';

/** A stretch of a partition's log as a fold is handed it, from offset 0 on, without a broker. */
export function loggedFacts(partition: number, given: readonly GivenEntry[]): BatchSource {
  const entries = given.map((one, offset): LogEntry => {
    const { key, value } = entryOf(recorded(one));
    const bytes = Buffer.from(value ?? '');
    return { offset: BigInt(offset), key, value: bytes, headers: {}, appendedAt: Date.now() };
  });
  return { partition, from: 0n, to: BigInt(given.length), entries };
}
