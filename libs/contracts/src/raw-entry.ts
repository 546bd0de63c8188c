import { isAheadOfLog, isPastHorizon, partitionKey } from '@tallyward/domain';
import type { z } from 'zod';

/** An entry as it was read, before anyone believes it. */
export interface RawEntry {
  readonly partition: number;
  readonly offset: bigint;
  readonly appendedAt: number;
  readonly key: string | null;
  readonly value: Uint8Array | null;
}

/** murmur2 of the key over the topic's partitions. */
export type PartitionOf = (key: string) => number;

/** What can be wrong with any entry about a customer, whatever it says. */
export const ENTRY_FAULTS = {
  tombstone: 'The entry has no value.',
  'not-json': 'The value is not JSON in UTF-8.',
  'wrong-key': 'The key is not the project and customer of the value.',
  'wrong-partition': 'The entry lies in another partition than its key belongs to.',
  'too-late': 'The log took the entry more than 36 days after its time.',
  'too-early': 'The time of the entry lies more than a day after the log took it.',
} as const;

export interface EntryFault {
  readonly kind: 'fault';
  readonly reason: keyof typeof ENTRY_FAULTS;
  readonly detail: string;
}

/** An entry about a customer, read by its shape; or what is wrong with it. */
export type ReadValue<T> =
  | { readonly kind: 'value'; readonly value: T; readonly time: number }
  | { readonly kind: 'misshapen'; readonly detail: string }
  | EntryFault;

const utf8 = new TextDecoder('utf-8', { fatal: true });

export function jsonOf(
  value: Uint8Array | null,
): { readonly kind: 'json'; readonly json: unknown } | EntryFault {
  if (value === null) return fault('tombstone');
  try {
    return { kind: 'json', json: JSON.parse(utf8.decode(value)) };
  } catch (error) {
    return fault('not-json', error instanceof Error ? error.message : String(error));
  }
}

/** Whether an entry stands where, and was appended when, what it says belongs; null: it does. */
export function faultOfPlace(
  raw: RawEntry,
  said: { readonly project: string; readonly customer: string; readonly time: number },
  partitionOf: PartitionOf,
): EntryFault | null {
  const key = partitionKey(said.project, said.customer);
  if (raw.key !== key) return fault('wrong-key');
  const partition = partitionOf(key);
  if (partition !== raw.partition) {
    return fault('wrong-partition', `belongs to partition ${partition}`);
  }
  if (isAheadOfLog(said.time, raw.appendedAt)) return fault('too-early');
  if (isPastHorizon(said.time, raw.appendedAt)) return fault('too-late');
  return null;
}

/** Reads an entry about a customer. `timeOf` gives the instant (epoch ms) that dedup goes by. */
export function readValue<T extends { readonly project: string; readonly customer: string }>(
  raw: RawEntry,
  schema: z.ZodType<T>,
  timeOf: (value: T) => number,
  partitionOf: PartitionOf,
): ReadValue<T> {
  const read = jsonOf(raw.value);
  if (read.kind === 'fault') return read;
  const parsed = schema.safeParse(read.json);
  if (!parsed.success) return { kind: 'misshapen', detail: described(parsed.error) };
  const { data: value } = parsed;
  const time = timeOf(value);
  const { project, customer } = value;
  const misplaced = faultOfPlace(raw, { project, customer, time }, partitionOf);
  return misplaced ?? { kind: 'value', value, time };
}

function described(error: z.ZodError): string {
  const [issue] = error.issues;
  return issue ? `${issue.path.join('.') || 'value'}: ${issue.message}` : error.message;
}

function fault(reason: EntryFault['reason'], detail: string = ENTRY_FAULTS[reason]): EntryFault {
  return { kind: 'fault', reason, detail };
}
