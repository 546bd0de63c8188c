import type { UsageVoid } from '@tallyward/domain';
import { z } from 'zod';
import { name, projectId, textUpTo } from './names';

export const VOID_ENTRY_TYPE = 'usage.voided.v1';
const FACT = 'usage.voided';
const REASON_BYTES = 1_000;
const LAST_EPOCH_MS = 8_640_000_000_000;

const reason = textUpTo(REASON_BYTES)
  .min(1, 'must say why')
  .meta({ description: 'Why it does not count; shown in the trail.' });

/** `POST /v1/events/void`: the identity of an event that is not to count. */
export const voidRequest = z
  .strictObject({
    subject: name.meta({ description: 'The customer.' }),
    source: name,
    id: name,
    reason,
  })
  .meta({ id: 'VoidRequest', description: 'An event that is not to count, and why.' });
export type VoidRequest = z.infer<typeof voidRequest>;

/** The log has the void. */
export const voidAccepted = z.object({ accepted: z.literal(1) });
export type VoidAccepted = z.infer<typeof voidAccepted>;

/**
 * The value of an entry of `usage.events.v1`: the fact `usage.voided`, under the key and so in the
 * partition of its event, before it or after it.
 */
export const voidEntry = z
  .object({
    fact: z.literal(FACT),
    project: projectId,
    customer: name,
    source: name,
    id: name,
    reason,
    actor: name,
    receivedAt: z.number().int().min(0).max(LAST_EPOCH_MS),
  })
  .meta({ id: 'UsageVoided', description: 'An event of the log that is not to count.' });

export function encodeVoidEntry(voids: UsageVoid): string {
  return JSON.stringify({ fact: FACT, ...voids });
}

/** Whether a value says that it voids, whatever else is wrong with it. */
export function saysVoid(json: unknown): boolean {
  return typeof json === 'object' && json !== null && (json as { fact?: unknown }).fact === FACT;
}
