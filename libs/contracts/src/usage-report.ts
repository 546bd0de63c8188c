import { REPORT_WINDOWS, isTimeZone, type Unit } from '@tallyward/domain';
import { z } from 'zod';
import { pageQuery } from './catalogue';
import { QUARANTINE_REASONS, type QuarantineReason } from './log-entry';
import { instant, name, TAGS } from './names';

export const MAX_REPORT_ROWS = 50_000;

/** What a report can be grouped by, and the column of the views that holds it. */
export const REPORT_GROUPINGS = {
  model: 'model',
  modelGroup: 'model_group',
  workspace: 'workspace',
  user: 'user',
  role: 'role',
  source: 'source',
  customer: 'customer',
} as const;
export const TAG_GROUPING_PREFIX = 'tag.';
export const MAX_GROUPINGS = 8;
/** Customers that one report over all may be narrowed to: a page of a list. */
export const MOST_REPORTED_CUSTOMERS = 100;

const grouping = z
  .string()
  .refine(
    (value) => Object.hasOwn(REPORT_GROUPINGS, value) || isTagGrouping(value),
    `must be one of ${Object.keys(REPORT_GROUPINGS).join(', ')} or tag.<name>`,
  );

function isTagGrouping(value: string): boolean {
  const tag = value.slice(TAG_GROUPING_PREFIX.length);
  return value.startsWith(TAG_GROUPING_PREFIX) && tag !== '' && tag.length <= TAGS.keyBytes;
}

/** Query of a usage report; `groupBy` is a comma-separated list. */
export const usageQuery = z.strictObject({
  from: instant,
  to: instant,
  window: z.enum(REPORT_WINDOWS).default('day'),
  timeZone: z
    .string()
    .refine(isTimeZone, 'must be an IANA time zone, such as Europe/Rome')
    .optional(),
  groupBy: z
    .string()
    .transform((list) => list.split(',').filter((part) => part !== ''))
    .pipe(z.array(grouping).max(MAX_GROUPINGS))
    .optional(),
});
export type UsageQuery = z.infer<typeof usageQuery>;

/** Query of a report over all customers, or over those that it names. */
export const allUsageQuery = usageQuery.extend({
  customer: z
    .union([name, z.array(name).max(MOST_REPORTED_CUSTOMERS)])
    .transform((named) => [named].flat())
    .optional()
    .meta({
      description: `Only these: given once for each, at most ${MOST_REPORTED_CUSTOMERS} times.`,
    }),
});

const sum = z.number().int().min(0);
const sums: Record<Unit, typeof sum> = {
  calls: sum,
  tokens: sum,
  inputTokens: sum,
  outputTokens: sum,
  cacheReadTokens: sum,
  cacheWriteTokens: sum,
  reasoningTokens: sum,
  images: sum,
  toolCalls: sum,
};

/** One window (and group): the sums, and the groups' values under the names asked for. */
export const usageRow = z.looseObject({ from: instant, to: instant, ...sums });
export const usageReport = z
  .object({
    data: z.array(usageRow),
    asOf: instant.meta({ description: 'Every event acked before this instant is in.' }),
  })
  .meta({ id: 'UsageReport' });

/** What took an event back. */
export const voidedBy = z.object({
  at: instant.meta({ description: 'When a gateway took the void.' }),
  by: name.meta({ description: 'The name of the key that voided it.' }),
  reason: z.string(),
  offset: z.string().meta({ description: "The void's own offset, in the event's partition." }),
});

/** An event with its place in the log and how it was counted: voided, all of it is zero. */
export const countedEvent = z.object({
  customer: name,
  source: name,
  id: name,
  time: instant,
  receivedAt: instant,
  model: name,
  modelGroup: name,
  workspace: z.string(),
  user: z.string(),
  role: z.string(),
  tags: z.record(z.string(), z.string()),
  counted: z.object(sums),
  voided: voidedBy.nullable(),
  partition: z.number().int(),
  offset: z.string().meta({ description: 'Decimal digits: offsets may pass 2^53.' }),
});

export type CountedEvent = z.infer<typeof countedEvent>;

/** Query of a customer's trail, newest first; `from` and `to` are about the event's time. */
export const trailQuery = pageQuery.extend({
  from: instant.optional(),
  to: instant.optional(),
  modelGroup: name.optional(),
  workspace: name.optional(),
  user: name.optional(),
  role: name.optional(),
});
export type TrailQuery = z.infer<typeof trailQuery>;
/** Which of a customer's events a limit is about. */
export type EventsOf = Omit<TrailQuery, 'limit' | 'cursor'>;

/** Query of the newest events, of all customers if none is named; without `from`, of 35 days. */
export const eventsQuery = trailQuery.extend({ customer: name.optional() });
export type EventsQuery = z.infer<typeof eventsQuery>;

/** How much of a set-aside entry's value is kept. */
export const QUARANTINE_BYTES = 1_024;

export const quarantinedEntry = z.object({
  topic: z.string(),
  partition: z.number().int(),
  offset: z.string(),
  reason: z.string(),
  detail: z.string(),
  at: instant.meta({ description: 'When the log took the entry.' }),
  key: z.string().nullable(),
  content: z.string().meta({ description: 'The first KiB of the value.' }),
});
export type QuarantinedEntry = z.infer<typeof quarantinedEntry>;

/** Query of the quarantine, newest first; `from` and `to` are about when the log took the entry. */
export const quarantineQuery = pageQuery.extend({
  reason: z
    .enum(Object.keys(QUARANTINE_REASONS) as [QuarantineReason, ...QuarantineReason[]])
    .optional(),
  from: instant.optional(),
  to: instant.optional(),
});
export type QuarantineQuery = z.infer<typeof quarantineQuery>;
