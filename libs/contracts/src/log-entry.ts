import {
  amountsOf,
  isAheadOfLog,
  isPastHorizon,
  MAX_EVENT_QUANTITY,
  partitionKey,
  type LoggedEvent,
  type UsageEvent,
} from '@tallyward/domain';
import { z } from 'zod';
import { name, projectId, tags } from './names';
import { isPlainLogEntry } from './plain-log-entry';

export const LOG_ENTRY_TYPE = 'usage.recorded.v1';

const quantity = z.number().int().min(0).max(MAX_EVENT_QUANTITY);
const epochMs = z.number().int().min(0).max(8_640_000_000_000);
const label = z.union([z.literal(''), name]);

/** The most leases that one hold names: more do not fit in its token. */
export const MAX_HOLD_PARTS = 200;

/** Of a settlement: the hold as it was admitted, so that a fold looks nothing up. */
export const settledHold = z.object({
  number: z.number().int().min(0),
  gateway: z.string().min(1).max(80),
  settledBy: z.string().min(1).max(80),
  tier: z.object({ name, version: z.number().int().min(1) }),
  expiresAt: epochMs,
  parts: z
    .array(
      z.object({ lease: z.string().regex(/^[1-9][0-9]{0,15}$/), amount: z.number().int().min(1) }),
    )
    .max(MAX_HOLD_PARTS),
});

/**
 * The value of an entry of `usage.events.v1`: the fact `usage.recorded`, with all that a fold
 * needs. Instants are epoch milliseconds; `content` is the SHA-256 of what the client sent, as
 * canonical JSON.
 */
export const logEntry = z
  .object({
    project: projectId,
    customer: name,
    source: name,
    id: name,
    time: epochMs,
    receivedAt: epochMs,
    catalogueVersion: z.number().int().min(0),
    content: z.string().regex(/^[0-9a-f]{64}$/),
    model: name,
    modelGroup: name,
    workspace: label,
    user: label,
    role: label,
    inputTokens: quantity,
    outputTokens: quantity,
    cacheReadTokens: quantity,
    cacheWriteTokens: quantity,
    reasoningTokens: quantity,
    images: quantity,
    toolCalls: quantity,
    tags,
    hold: settledHold.optional(),
  })
  .meta({ id: 'UsageRecorded', description: 'One call at its place in the log.' });
export type LogEntry = z.infer<typeof logEntry>;

export function encodeLogEntry(entry: LogEntry): string {
  return JSON.stringify(entry);
}

/** Why an entry of the log can't be folded. `id-conflict` is found by the fold's dedup. */
export const QUARANTINE_REASONS = {
  tombstone: 'The entry has no value.',
  'not-json': 'The value is not JSON in UTF-8.',
  'not-a-usage-event': 'The value does not have the shape of usage.recorded.',
  'wrong-key': 'The key is not the project and customer of the value.',
  'wrong-partition': 'The entry lies in another partition than its key belongs to.',
  'too-late': 'The log took the entry more than 36 days after its time.',
  'too-early': 'The time of the entry lies more than a day after the log took it.',
  'id-conflict': 'An event with the same identity and other content counted before.',
} as const;
export type QuarantineReason = keyof typeof QUARANTINE_REASONS;

/** An entry as it was read, before anyone believes it. */
export interface RawEntry {
  readonly partition: number;
  readonly offset: bigint;
  readonly appendedAt: number;
  readonly key: string | null;
  readonly value: Uint8Array | null;
}

export type ReadEntry =
  | { readonly kind: 'event'; readonly entry: LoggedEvent }
  /** `project` where the entry proves whose it is; null: only the operator sees it. */
  | {
      readonly kind: 'park';
      readonly reason: QuarantineReason;
      readonly detail: string;
      readonly project: string | null;
    };

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads an entry of the log as both folds do: an event, or the reason why it is set aside.
 * `partitionOf` is murmur2 of the key over the log's partitions.
 */
export function readLogEntry(raw: RawEntry, partitionOf: (key: string) => number): ReadEntry {
  if (raw.value === null) return park('tombstone', QUARANTINE_REASONS.tombstone);
  let json: unknown;
  try {
    json = JSON.parse(utf8.decode(raw.value));
  } catch (error) {
    return park('not-json', error instanceof Error ? error.message : String(error));
  }
  const parsed = isPlainLogEntry(json)
    ? { success: true as const, data: json }
    : logEntry.safeParse(json);
  if (!parsed.success) return park('not-a-usage-event', describe(parsed.error));
  const event = eventOf(parsed.data);
  const key = partitionKey(event.project, event.customer);
  if (raw.key !== key) return park('wrong-key', QUARANTINE_REASONS['wrong-key']);
  if (partitionOf(key) !== raw.partition) {
    return park('wrong-partition', `belongs to partition ${partitionOf(key)}`, event.project);
  }
  if (isAheadOfLog(event.time, raw.appendedAt)) {
    return park('too-early', QUARANTINE_REASONS['too-early'], event.project);
  }
  if (isPastHorizon(event.time, raw.appendedAt)) {
    return park('too-late', QUARANTINE_REASONS['too-late'], event.project);
  }
  const { partition, offset, appendedAt } = raw;
  return { kind: 'event', entry: { partition, offset, appendedAt, event } };
}

function park(
  reason: QuarantineReason,
  detail: string,
  project: string | null = null,
): Extract<ReadEntry, { kind: 'park' }> {
  return { kind: 'park', reason, detail, project };
}

function describe(error: z.ZodError): string {
  return error.issues
    .slice(0, 5)
    .map((issue) => `${issue.path.join('.') || 'value'}: ${issue.message}`)
    .join('; ');
}

function eventOf(entry: LogEntry): UsageEvent {
  const { project, customer, source, id, time, receivedAt, catalogueVersion, content } = entry;
  const { model, modelGroup, workspace, user, role, tags: labels } = entry;
  return {
    project,
    customer,
    source,
    id,
    time,
    receivedAt,
    catalogueVersion,
    content,
    model,
    modelGroup,
    workspace,
    user,
    role,
    amounts: amountsOf(entry),
    tags: labels,
    hold: entry.hold ?? null,
  };
}
