import { UNITS, type Unit } from '@tallyward/domain';
import { z } from 'zod';
import { billedPeriod, billingDifference, isForward, spanned, FORWARD } from './billing';
import { PAGE, pageQuery } from './catalogue';
import { instant, name } from './names';

const whole = z.number().int().min(0);
const units = Object.fromEntries(UNITS.map((unit) => [unit, whole])) as Record<Unit, typeof whole>;
/** A sum mod 2^128 of MD5s (PROTOCOL 25), as 32 hexadecimal digits. */
const proof = z.string().regex(/^[0-9a-f]{32}$/);

/** Periods that touch [from, to); without `from` those of the 35 days before `to` or now. */
export const reconciliationQuery = spanned.refine(isForward, FORWARD);
export type ReconciliationQuery = z.output<typeof reconciliationQuery>;

/** Hours within [from, to). */
export const driftQuery = pageQuery
  .extend({ from: instant.optional(), to: instant.optional() })
  .refine(isForward, FORWARD);
export type DriftQuery = z.output<typeof driftQuery>;

/** `from` and `to` lie on quarters of an hour: totals are kept by those. */
export const differencesQuery = z
  .strictObject({
    customer: name,
    from: instant,
    to: instant,
    limit: pageQuery.shape.limit.default(PAGE.most),
  })
  .refine(isForward, FORWARD);
export type DifferencesQuery = z.output<typeof differencesQuery>;

/** What one side holds of a period: how many events, each unit's sum, the sum of the proofs. */
export const reconciledSide = z.object({ events: whole, ...units, proof }).meta({
  id: 'ReconciledSide',
});
export type ReconciledSide = z.output<typeof reconciledSide>;

const drift = z.object(units);
export type Drift = z.output<typeof drift>;

export const RECONCILED_STATES = ['open', 'closed', 'held-back'] as const;

const place = z.object({ partition: whole, offset: z.string() });

/** One customer's period on the four sides, all as of the same offset. */
export const reconciledPeriod = z
  .object({
    customer: name,
    period: billedPeriod,
    state: z.enum(RECONCILED_STATES),
    log: reconciledSide,
    totals: reconciledSide,
    warehouse: reconciledSide,
    billed: reconciledSide.nullable().meta({
      description: 'The sums of all deltas that were told; null: nothing was told yet.',
    }),
    unbilled: z.boolean().meta({
      description:
        'The period has usage that no record tells yet, so `billed` is not compared: of an ' +
        'open period all of it, of a closed one what came late.',
    }),
    equal: z.boolean().meta({ description: 'All sides that are compared say the same.' }),
    drift: drift.meta({
      description: 'Of each unit the largest difference between the log and another side.',
    }),
    revision: whole.nullable().meta({ description: 'The latest that was told; null: none yet.' }),
    asOf: place.meta({ description: 'The events before it, and no others, are compared.' }),
    reason: z.string().nullable().meta({ description: 'Why it is held back.' }),
    differences: z.array(billingDifference).meta({
      description: 'What differed when it was held back; of another, ask for its differences.',
    }),
  })
  .meta({ id: 'ReconciledPeriod' });
export type ReconciledPeriod = z.output<typeof reconciledPeriod>;

/** What the looks of one hour found at most. */
export const driftedHour = z
  .object({
    hour: instant.meta({ description: 'Its start.' }),
    looks: whole.meta({ description: 'How often all customers with usage were looked at.' }),
    customers: whole.meta({ description: 'The most that one look compared.' }),
    unequal: whole.meta({ description: 'The most of them that were not equal in one look.' }),
    drift: drift.meta({ description: 'Of each unit the largest of one customer and period.' }),
  })
  .meta({ id: 'DriftedHour' });
export type DriftedHour = z.output<typeof driftedHour>;

/** What differs of one customer, by event where one can be named. */
export const namedDifferences = z
  .object({
    data: z.array(billingDifference),
    unlisted: whole.meta({ description: 'Differences beyond those that are listed.' }),
    asOf: place.meta({ description: 'The events before it, and no others, were compared.' }),
  })
  .meta({ id: 'NamedDifferences' });
export type NamedDifferences = z.output<typeof namedDifferences>;
