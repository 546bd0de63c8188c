import type { CountedEvent } from '@tallyward/contracts';
import { amountsOf, zeroAmounts, type Amounts } from '@tallyward/domain';

/** Instants as epoch ms and 64-bit numbers as digits, whatever the server's zone. */
export const TRAIL_COLUMNS = [
  'customer',
  'source',
  'event_id',
  'toString(toUnixTimestamp64Milli(event.time)) AS at',
  'toString(toUnixTimestamp64Milli(received_at)) AS received',
  'model',
  'model_group',
  'workspace',
  '`user`',
  'role',
  'tags',
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'reasoning_tokens',
  'images',
  'tool_calls',
  'partition',
  'toString(event.offset) AS place',
] as const;

type Digits = string | number;

export interface TrailRow {
  readonly customer: string;
  readonly source: string;
  readonly event_id: string;
  readonly at: string;
  readonly received: string;
  readonly model: string;
  readonly model_group: string;
  readonly workspace: string;
  readonly user: string;
  readonly role: string;
  readonly tags: Record<string, string>;
  readonly input_tokens: Digits;
  readonly output_tokens: Digits;
  readonly cache_read_tokens: Digits;
  readonly cache_write_tokens: Digits;
  readonly reasoning_tokens: Digits;
  readonly images: Digits;
  readonly tool_calls: Digits;
  readonly partition: Digits;
  readonly place: string;
}

/** Of a row that takes an event back. */
export const VOID_COLUMNS = [
  'partition',
  'toString(event.voids) AS of',
  'toString(toUnixTimestamp64Milli(received_at)) AS received',
  'toString(event.void_offset) AS place',
  'void_reason AS reason',
  'voided_by AS by',
] as const;

export interface FoundVoid {
  readonly partition: Digits;
  readonly of: string;
  readonly received: string;
  readonly place: string;
  readonly reason: string;
  readonly by: string;
}

/** The event as the contract shows it, and what it counted as: nothing, once it is voided. */
export function countedEventOf(row: TrailRow, by: FoundVoid | undefined): CountedEvent {
  return {
    customer: row.customer,
    source: row.source,
    id: row.event_id,
    time: new Date(Number(row.at)).toISOString(),
    receivedAt: new Date(Number(row.received)).toISOString(),
    model: row.model,
    modelGroup: row.model_group,
    workspace: row.workspace,
    user: row.user,
    role: row.role,
    tags: row.tags,
    counted: by ? zeroAmounts() : amountsIn(row),
    voided: by ? voidOf(by) : null,
    partition: Number(row.partition),
    offset: row.place,
  };
}

function voidOf({ received, by, reason, place }: FoundVoid): CountedEvent['voided'] {
  return { at: new Date(Number(received)).toISOString(), by, reason, offset: place };
}

function amountsIn(row: TrailRow): Amounts {
  return amountsOf({
    inputTokens: Number(row.input_tokens),
    outputTokens: Number(row.output_tokens),
    cacheReadTokens: Number(row.cache_read_tokens),
    cacheWriteTokens: Number(row.cache_write_tokens),
    reasoningTokens: Number(row.reasoning_tokens),
    images: Number(row.images),
    toolCalls: Number(row.tool_calls),
  });
}
