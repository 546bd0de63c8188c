import { MAX_EVENT_QUANTITY } from '@tallyward/domain';
import { z } from 'zod';
import { name, tags } from './names';

export const USAGE_EVENT_TYPE = 'llm.usage.v1';
export const MAX_BATCH_EVENTS = 1_000;
export const MAX_BODY_BYTES = 1_048_576;
/**
 * Objects and arrays open at once in one event: the event itself is 1, its data 2, the tags 3. The
 * array around a batch does not count.
 */
export const MAX_JSON_DEPTH = 5;

const quantity = z
  .number()
  .int('must be a whole number')
  .min(0, 'must not be negative')
  .max(MAX_EVENT_QUANTITY, `must be at most ${MAX_EVENT_QUANTITY}`)
  .meta({ description: 'A whole number, 0 … 10^9.' });
const reported = quantity.default(0);

/**
 * `data` of a usage event: what one call used. `inputTokens` includes cached tokens and
 * `outputTokens` includes reasoning tokens, as in OpenTelemetry's GenAI conventions.
 */
export const usageData = z
  .strictObject({
    model: name,
    inputTokens: reported,
    outputTokens: reported,
    cacheReadTokens: reported,
    cacheWriteTokens: reported,
    reasoningTokens: reported,
    images: reported,
    toolCalls: reported,
    workspace: name.optional(),
    user: name.optional(),
    role: name.optional(),
    tags: tags.default({}),
  })
  .meta({ id: 'UsageData', description: 'What one call used, and who asked for it.' });
export type UsageData = z.infer<typeof usageData>;

/**
 * A usage event as a client sends it: CloudEvents 1.0, one event one call. Extension attributes
 * may stand beside these; they count for the comparison of resends and are not kept.
 */
export const usageCloudEvent = z
  .looseObject({
    specversion: z.literal('1.0'),
    id: name,
    source: name,
    type: z.literal(USAGE_EVENT_TYPE),
    subject: name.meta({ description: 'The customer.' }),
    time: z.iso.datetime({ offset: true }).meta({ description: 'When the call was made.' }),
    datacontenttype: z.string().optional(),
    data: usageData,
  })
  .meta({ id: 'UsageEvent', description: 'One call, as a CloudEvent.' });
export type UsageCloudEvent = z.infer<typeof usageCloudEvent>;

/** Why one event of a request was refused. */
export const EVENT_REJECTIONS = {
  'event-invalid': 'The event does not have the shape of a usage event.',
  'event-type-unknown': `The only type of event here is ${USAGE_EVENT_TYPE}.`,
  'time-missing': 'Send the time of the call: it tells a resend from a new event.',
  'event-too-old': 'The time lies further back than the project takes.',
  'source-reserved': 'This source is of settled holds: send the event under another one.',
  'event-in-future': 'The time lies more than 5 minutes ahead of the gateway.',
} as const;
export type EventRejection = keyof typeof EVENT_REJECTIONS;

export const rejectedEvent = z.object({
  index: z.number().int(),
  id: z.string().nullable(),
  code: z.enum(Object.keys(EVENT_REJECTIONS) as [EventRejection, ...EventRejection[]]),
  detail: z.string(),
});

export const eventsAccepted = z
  .object({ accepted: z.number().int(), rejected: z.array(rejectedEvent) })
  .meta({ id: 'EventsAccepted' });
export type EventsAccepted = z.infer<typeof eventsAccepted>;
