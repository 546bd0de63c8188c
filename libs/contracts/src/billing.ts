import { UNITS } from '@tallyward/domain';
import { z } from 'zod';
import { pageQuery } from './catalogue';
import { instant, name, projectId, tierReference } from './names';

const whole = z.number().int().min(0);
const change = z.number().int();
/** A sum mod 2^128 of MD5s (PROTOCOL 25), as 32 hexadecimal digits. */
const proof = z.string().regex(/^[0-9a-f]{32}$/);

/** The span that a bill line is about; bounds lie on quarters of an hour. */
export const billedPeriod = z.object({ from: instant, to: instant, timeZone: name });

/**
 * What one customer used of one unit, of one model and under one tier version, in one closed
 * period: the value of `billing.records.v1`. A revision says the line anew, and by how much it
 * differs from the one before; revision 0 is the first.
 */
export const billingRecord = z
  .object({
    recordId: name.meta({
      description: 'Follows from what the line is about and its revision: the same twice is once.',
    }),
    revision: whole,
    project: projectId,
    customer: name,
    tier: tierReference.meta({ description: 'In force when the events happened.' }),
    period: billedPeriod,
    modelGroup: name,
    model: name,
    unit: z.enum(UNITS),
    quantity: whole.meta({ description: 'All that counts of the line: included and overage.' }),
    included: whole,
    overage: whole.meta({
      description: 'What passed the amount of a limit that allows, split in the order of the log.',
    }),
    delta: change.meta({ description: 'quantity less that of the revision before.' }),
    includedDelta: change,
    overageDelta: change,
    events: whole.meta({ description: 'How many events the line is made of.' }),
    proof: proof.meta({ description: 'Of those events: equal in log, totals and warehouse.' }),
    closedAt: instant,
  })
  .meta({ id: 'BillingRecord' });
export type BillingRecord = z.output<typeof billingRecord>;

export const spanned = pageQuery.extend({
  customer: name.optional(),
  from: instant.optional(),
  to: instant.optional(),
});
export const FORWARD = { path: ['to'], message: 'must be after from' };
export function isForward({
  from,
  to,
}: {
  from?: string | undefined;
  to?: string | undefined;
}): boolean {
  return from === undefined || to === undefined || Date.parse(from) < Date.parse(to);
}

/** Periods that touch [from, to). */
export const billingRecordsQuery = spanned.refine(isForward, FORWARD);
export type BillingRecordsQuery = z.output<typeof billingRecordsQuery>;

/** `held-back`: the proofs of the three sides differ, so nothing goes out. */
export const PERIOD_STATES = ['closed', 'held-back'] as const;
export const billingPeriodsQuery = spanned
  .extend({ state: z.enum(PERIOD_STATES).optional() })
  .refine(isForward, FORWARD);
export type BillingPeriodsQuery = z.output<typeof billingPeriodsQuery>;

/** One thing that a side says otherwise than the log. */
export const billingDifference = z.object({
  kind: z.enum(['missing', 'doubled', 'changed', 'row']),
  side: z.enum(['totals', 'warehouse']),
  eventId: z.string().optional(),
  source: z.string().optional(),
  partition: whole.optional(),
  offset: z.string().optional(),
  row: z.string().optional(),
  detail: z.string(),
});

/** One customer's period, as it was last closed, or why it is not. */
export const billingPeriod = z
  .object({
    customer: name,
    period: billedPeriod,
    state: z.enum(PERIOD_STATES),
    revision: whole.nullable().meta({ description: 'The latest that went out; null: none yet.' }),
    events: whole,
    proof: proof.nullable(),
    asOf: z
      .object({ partition: whole, offset: z.string() })
      .nullable()
      .meta({ description: 'Every event of the customer before it is in.' }),
    closedAt: instant.nullable(),
    reason: z.string().nullable().meta({ description: 'Why it is held back.' }),
    differences: z.array(billingDifference),
  })
  .meta({ id: 'BillingPeriod' });
export type BillingPeriod = z.output<typeof billingPeriod>;
