import { isTimeZone } from '@tallyward/domain';
import { z } from 'zod';
import { instant, name } from './names';

export const MAX_SUMMARY_ROWS = 10_000;

/** What was decided in [from, to), by window. */
export const decisionSummaryQuery = z.strictObject({
  from: instant,
  to: instant,
  window: z.enum(['minute', 'hour', 'day']).default('hour'),
  timeZone: z
    .string()
    .refine(isTimeZone, 'must be an IANA time zone, such as Europe/Rome')
    .optional()
    .meta({ description: "Left out: the project's." }),
  customer: name.optional(),
});
export type DecisionSummaryQuery = z.output<typeof decisionSummaryQuery>;

const count = z.number().int().min(0);

export const decisionSummaryRow = z.object({
  from: instant,
  to: instant,
  allow: count.meta({
    description:
      'Calls that went as they were asked for: a plain allow is in no log of decisions, so these ' +
      'are the calls that were recorded as usage, less the reroutes.',
  }),
  restrict: count.meta({ description: 'Decisions that rerouted a call.' }),
  throttle: count,
  block: count,
});
export type DecisionSummaryRow = z.output<typeof decisionSummaryRow>;

export const decisionSummary = z
  .object({
    data: z.array(decisionSummaryRow),
    asOf: instant.meta({ description: 'What was logged before this instant is in.' }),
  })
  .meta({ id: 'DecisionSummary' });
export type DecisionSummary = z.output<typeof decisionSummary>;
