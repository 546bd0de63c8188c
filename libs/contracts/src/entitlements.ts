import { LIMIT_SCOPES, ON_LIMIT, UNITS } from '@tallyward/domain';
import { z } from 'zod';
import { pageQuery } from './catalogue';
import { limitState } from './decisions';
import { instant, name, reason, tierReference } from './names';
import { MAX_LIMITS, tierLimit } from './tiers';

const whole = z.number().int().min(0);

/** What a customer has now. */
export const entitlements = z
  .object({
    customer: name,
    tier: tierReference,
    state: z.enum(['active', 'disabled']).meta({ description: 'disabled: it was switched off.' }),
    asOf: instant.meta({ description: 'Every event acked before it is counted.' }),
    limits: z.array(limitState).meta({
      description:
        'Every limit of the tier for the customer; of workspaces, users and roles those that ' +
        'have called in the present window.',
    }),
  })
  .meta({ id: 'Entitlements' });
export type Entitlements = z.output<typeof entitlements>;

/** The longest span that one request for overages looks at. */
export const OVERAGE_DAYS = 400;

type Instants = { readonly from: string; readonly to: string };
const isForward = ({ from, to }: Instants): boolean => Date.parse(from) < Date.parse(to);
const isShort = ({ from, to }: Instants): boolean =>
  Date.parse(to) - Date.parse(from) <= OVERAGE_DAYS * 86_400_000;
const BACKWARD = { path: ['to'], message: 'must be after from' };
const TOO_LONG = { path: ['to'], message: `must be at most ${OVERAGE_DAYS} days after from` };

export const overagesQuery = pageQuery
  .extend({ from: instant, to: instant })
  .refine(isForward, BACKWARD)
  .refine(isShort, TOO_LONG);
export type OveragesQuery = z.output<typeof overagesQuery>;

/** One limit in one window, as it was used. */
export const overage = z
  .object({
    tier: tierReference.meta({ description: 'In force as the window ended, or now.' }),
    scope: z.enum(LIMIT_SCOPES),
    scopeValue: name,
    modelGroup: name,
    unit: z.enum(UNITS),
    window: tierLimit.shape.window,
    onLimit: z.enum(ON_LIMIT),
    windowStart: instant.nullable(),
    windowEnd: instant.nullable(),
    timeZone: z.string(),
    amount: whole,
    used: whole,
    overage: whole.meta({ description: 'max(0, used − amount) of a limit that allows.' }),
    overrun: whole.meta({ description: 'What passed a limit that does not allow it.' }),
  })
  .meta({ id: 'Overage' });
export type Overage = z.output<typeof overage>;

/** Customers that one question for passed limits may name. */
export const MOST_ASKED_CUSTOMERS = 200;
/** Limits and windows that one answer tells. */
export const MOST_PASSED_LIMITS = 10_000;

/** Between services: the customers of the caller's project, each with a span of its own. */
export const passedLimitsQuestion = z.strictObject({
  of: z
    .array(
      z
        .strictObject({ customer: name, from: instant, to: instant })
        .refine(isForward, BACKWARD)
        .refine(isShort, TOO_LONG),
    )
    .min(1)
    .max(MOST_ASKED_CUSTOMERS),
});
export type PassedLimitsQuestion = z.output<typeof passedLimitsQuestion>;

/** In the order they were asked for; null: there is no such customer. */
export const passedLimitsAnswer = z.object({ data: z.array(z.array(overage).nullable()) });
export type PassedLimitsAnswer = z.output<typeof passedLimitsAnswer>;

/** Largest amount given at once. */
const MOST_GIVEN = 1_000_000_000_000_000;

/** A limit of the present tier, and whose. */
export const limitNamed = z.strictObject({
  scope: z.enum(LIMIT_SCOPES),
  scopeValue: name.optional().meta({
    description: 'Which workspace, user or role; of scope customer it may be left out.',
  }),
  modelGroup: name,
  unit: z.enum(UNITS),
  window: tierLimit.shape.window,
});
export type LimitNamed = z.output<typeof limitNamed>;

export const replenishRequest = z.strictObject({
  limits: z.union(
    [z.literal('all'), z.array(limitNamed).min(1).max(MAX_LIMITS)],
    `must be "all", or 1 to ${MAX_LIMITS} limits: scope, modelGroup, unit and window of each, ` +
      'and the scopeValue of a workspace, user or role',
  ),
  amount: z
    .union(
      [z.literal('reset'), z.number().int().min(1).max(MOST_GIVEN)],
      `must be "reset", or a whole number of 1 to ${MOST_GIVEN}`,
    )
    .meta({
      description: 'So much more in the present window; reset: what was used does not count.',
    }),
  reason,
});
export type ReplenishRequest = z.output<typeof replenishRequest>;

export const replenishAnswer = z.object({ customer: name, limits: z.array(limitState) });
export type ReplenishAnswer = z.output<typeof replenishAnswer>;
