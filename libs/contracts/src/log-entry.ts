import {
  amountsOf,
  MAX_EVENT_QUANTITY,
  type LoggedEvent,
  type LoggedVoid,
  type UsageEvent,
} from '@tallyward/domain';
import { z } from 'zod';
import { GATEWAY_LENGTH, LEASE_NUMBER, MAX_HOLD_PARTS } from './hold-shape';
import { name, projectId, tags } from './names';
import { isPlainLogEntry } from './plain-log-entry';
import { ENTRY_FAULTS, faultOfPlace, jsonOf, type PartitionOf, type RawEntry } from './raw-entry';
import { saysVoid, voidEntry } from './void-entry';

export const LOG_ENTRY_TYPE = 'usage.recorded.v1';

const quantity = z.number().int().min(0).max(MAX_EVENT_QUANTITY);
const epochMs = z.number().int().min(0).max(8_640_000_000_000);
const label = z.union([z.literal(''), name]);

const gateway = z.string().min(1).max(GATEWAY_LENGTH);

/** Of a settlement: the hold as it was admitted, so that a fold looks nothing up. */
export const settledHold = z.object({
  number: z.number().int().min(0),
  gateway,
  settledBy: gateway,
  tier: z.object({ name, version: z.number().int().min(1) }),
  expiresAt: epochMs,
  parts: z
    .array(z.object({ lease: z.string().regex(LEASE_NUMBER), amount: z.number().int().min(1) }))
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
  ...ENTRY_FAULTS,
  'not-a-usage-event': 'The value does not have the shape of usage.recorded.',
  'not-a-void': 'The value does not have the shape of usage.voided.',
  'id-conflict': 'An event with the same identity and other content counted before.',
} as const;
export type QuarantineReason = keyof typeof QUARANTINE_REASONS;

export type ReadEntry =
  | { readonly kind: 'event'; readonly entry: LoggedEvent }
  | { readonly kind: 'void'; readonly entry: LoggedVoid }
  /** `project` where the entry proves whose it is; null: only the operator sees it. */
  | {
      readonly kind: 'park';
      readonly reason: QuarantineReason;
      readonly detail: string;
      readonly project: string | null;
    };

/**
 * Reads an entry of the log as every fold does: an event, a void of one, or the reason why it is
 * set aside. `partitionOf` is murmur2 of the key over the log's partitions.
 */
export function readLogEntry(raw: RawEntry, partitionOf: PartitionOf): ReadEntry {
  const read = jsonOf(raw.value);
  if (read.kind === 'fault') return park(read.reason, read.detail);
  const { json } = read;
  if (saysVoid(json)) return readVoid(raw, json, partitionOf);
  const parsed = isPlainLogEntry(json)
    ? { success: true as const, data: json }
    : logEntry.safeParse(json);
  if (!parsed.success) return park('not-a-usage-event', describe(parsed.error));
  const event = eventOf(parsed.data);
  const misplaced = parkMisplaced(raw, event, partitionOf);
  if (misplaced) return misplaced;
  const { partition, offset, appendedAt } = raw;
  return { kind: 'event', entry: { partition, offset, appendedAt, event } };
}

/** A void has no time of its own: what it reaches follows from when the log took it. */
function readVoid(raw: RawEntry, json: unknown, partitionOf: PartitionOf): ReadEntry {
  const parsed = voidEntry.safeParse(json);
  if (!parsed.success) return park('not-a-void', describe(parsed.error));
  const { fact: _, ...voids } = parsed.data;
  const { partition, offset, appendedAt } = raw;
  const misplaced = parkMisplaced(raw, { ...voids, time: appendedAt }, partitionOf);
  return (
    misplaced ?? { kind: 'void', entry: { partition, offset, appendedAt, event: null, voids } }
  );
}

function parkMisplaced(
  raw: RawEntry,
  said: Parameters<typeof faultOfPlace>[1],
  partitionOf: PartitionOf,
): Extract<ReadEntry, { kind: 'park' }> | null {
  const fault = faultOfPlace(raw, said, partitionOf);
  if (!fault) return null;
  // With the right key, it is the project's own entry.
  return park(fault.reason, fault.detail, fault.reason === 'wrong-key' ? null : said.project);
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
