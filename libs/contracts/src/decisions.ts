import {
  LIMIT_SCOPES,
  MAX_EVENT_QUANTITY,
  ON_LIMIT,
  TOKEN_NAME_BYTES,
  UNITS,
} from '@tallyward/domain';
import { z } from 'zod';
import { pageQuery } from './catalogue';
import { instant, name, projectId, textUpTo, tierReference } from './names';
import { tierLimit } from './tiers';

/** How long a call may run before its hold expires. */
export const HOLD_TTL_S = { least: 5, most: 900, usual: 300 } as const;
/** A signed hold fits in a path. */
export const HOLD_ID_CHARACTERS = 512;

const quantity = z.number().int().min(0).max(MAX_EVENT_QUANTITY);

/**
 * What the caller expects of the call: the hold is as large, so `maxOutputTokens` is the most. Of
 * tokens that are left out or 0 the call needs one.
 */
export const estimate = z
  .strictObject({
    inputTokens: quantity.default(0),
    maxOutputTokens: quantity.default(0),
    images: quantity.default(0),
    toolCalls: quantity.default(0),
  })
  .meta({
    id: 'Estimate',
    description:
      'The most the call can use. Tokens that are left out or 0 are not known: the call then needs ' +
      'one of a limit that counts them, so it does not pass one that is used up.',
  });

export const decisionRequest = z
  .strictObject({
    customer: name,
    workspace: name.optional(),
    user: name.optional(),
    role: name.optional(),
    model: name,
    estimate: estimate.prefault({}),
    hold: z.boolean().default(true).meta({
      description: 'False only looks: no hold, no entry in a log, no customer made.',
    }),
    ttlSeconds: z
      .number()
      .int()
      .min(HOLD_TTL_S.least)
      .max(HOLD_TTL_S.most)
      .default(HOLD_TTL_S.usual),
  })
  .meta({
    id: 'DecisionRequest',
    description:
      'The hold’s id carries the names of the customer, workspace, user, role, tier and model ' +
      `group: ${TOKEN_NAME_BYTES} bytes of them together always fit, on a tier of few limits over ` +
      'twice as many; more than there is room for is 422 `hold-too-long`, which says by how much.',
  });
export type DecisionRequest = z.output<typeof decisionRequest>;

/** What the app is to do. */
export const OUTCOMES = ['allow', 'restrict', 'throttle', 'block'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Why, on everything but a plain allow. */
export const DECISION_REASONS = {
  'used-up': 'What the limit gives was used.',
  held: 'Calls that run still hold what is left; some of it may come back.',
  rate: 'Too much for the limit’s window; it opens again.',
  'per-request': 'The call is larger than the limit ever is.',
  'unknown-model': 'Nobody registered the model.',
  disabled: 'The limit is 0, or the customer is switched off.',
  degraded: 'Tallyward could not decide: the answer is the project’s setting.',
} as const;
export type DecisionReason = keyof typeof DECISION_REASONS;

const whole = z.number().int().min(0);

/** One limit as people read it. Quantities in its unit; leases never show. */
export const limitState = z
  .object({
    scope: z.enum(LIMIT_SCOPES),
    scopeValue: name,
    modelGroup: name,
    unit: z.enum(UNITS),
    window: tierLimit.shape.window,
    amount: whole,
    used: whole.meta({ description: 'Settled.' }),
    held: whole.meta({ description: 'Set aside for calls in flight; at most 2 s old.' }),
    remaining: whole.meta({ description: 'max(0, amount − used − held).' }),
    overage: whole.meta({ description: 'What a limit that allows let pass.' }),
    overrun: whole.meta({ description: 'What passed a limit that does not allow it.' }),
    windowStart: instant.nullable(),
    resetAt: instant.nullable().meta({
      description: 'When the window ends; null: never. What drips before is told by retryAt.',
    }),
    timeZone: z.string(),
    onLimit: z.enum(ON_LIMIT),
    exceeded: z.boolean().meta({
      description: 'It stood in the way, or lets calls pass and the call passed it.',
    }),
  })
  .meta({ id: 'LimitState' });
export type LimitState = z.output<typeof limitState>;

export const decisionAnswer = z
  .object({
    decisionId: z.string(),
    outcome: z.enum(OUTCOMES),
    reason: z
      .enum(Object.keys(DECISION_REASONS) as [DecisionReason, ...DecisionReason[]])
      .nullable(),
    holdId: z.string().max(HOLD_ID_CHARACTERS).nullable(),
    expiresAt: instant.nullable(),
    model: name.meta({ description: 'The model to call.' }),
    modelGroup: name,
    restrictedFrom: name.nullable(),
    overage: z.boolean(),
    message: textUpTo(2_048).nullable(),
    retryAt: instant.nullable().meta({ description: 'Null: never by itself.' }),
    tier: tierReference.nullable(),
    asOf: instant,
    limits: z.array(limitState),
  })
  .meta({ id: 'Decision' });
export type DecisionAnswer = z.output<typeof decisionAnswer>;

export const holdSettled = z
  .object({
    eventId: z.string(),
    aboveHold: z.boolean().meta({ description: 'The call used more than it held.' }),
  })
  .meta({ id: 'HoldSettled' });
export type HoldSettled = z.output<typeof holdSettled>;

export const DECISION_ENTRY_TYPE = 'decision.recorded.v1';

/** The value of an entry of `quota.decisions.v1`: what was asked and what was answered. */
export const decisionRecorded = decisionAnswer
  .omit({ holdId: true })
  .extend({
    project: projectId,
    customer: name,
    workspace: z.string(),
    user: z.string(),
    role: z.string(),
    requestedModel: name,
    requestedGroup: name,
    /** As it was taken, with what the caller left out: another shape than the one that is sent. */
    estimate: z.object(estimate.shape),
    /** The gateway's clock. */
    decidedAt: instant,
    gateway: z.string(),
    /** The hold's number at its gateway; its settlement has the id `{gateway}.{hold}`. */
    hold: whole.nullable(),
  })
  .meta({ id: 'DecisionRecorded', description: 'Every answer but a plain allow.' });
export type DecisionRecorded = z.output<typeof decisionRecorded>;

/** Query of the decision log, newest first; `from` and `to` are about when it was decided. */
export const decisionsQuery = pageQuery.extend({
  customer: name.optional(),
  outcome: z.enum(OUTCOMES).optional(),
  reason: decisionAnswer.shape.reason.unwrap().optional(),
  from: instant.optional(),
  to: instant.optional(),
});
export type DecisionsQuery = z.output<typeof decisionsQuery>;
/** The same of one customer, who is named by the path. */
export const customerDecisionsQuery = decisionsQuery.omit({ customer: true });
